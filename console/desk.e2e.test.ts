import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { attributes, noBrowser, stage } from './stage.fixture.ts';

const why = noBrowser === undefined ? '' : `, skipped: ${noBrowser}`;
const LIMIT = { timeout: 15_000 };

const at = stage('desk');
const open = (path: string, options: BrowserContextOptions = {}) =>
  at.open(path, { viewport: { width: 1400, height: 800 }, ...options });

/** The desk as an agent with a browser of their own sees it. */
async function agent(name: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await open('/desk', options);
  await page.locator('#name-value').fill(name);
  await page.keyboard.press('Enter');
  await expect.poll(() => page.locator('#state').getAttribute('data-kind'), LIMIT).toBe('live');
  return page;
}

/** A customer who has asked for a person. */
async function customer(wish: string, options: BrowserContextOptions = {}) {
  const page = await open('/', options);
  const say = async (text: string) => {
    await page.fill('#said', text);
    await page.press('#said', 'Enter');
  };
  const told = () => page.locator('#messages .from-bot .bubble p').allInnerTexts();
  await say(wish);
  await expect.poll(async () => (await told()).length, LIMIT).toBe(1);
  return { page, say, told, session: new URL(page.url()).hash.slice('#s='.length) };
}

const waiting = (page: Page) => attributes(page.locator('#waiting .entry'), 'data-session');
const seen = (page: Page, who: string) => page.locator(`#messages .${who} .bubble p`).allInnerTexts();

describe.skipIf(noBrowser !== undefined)(`the desk${why}`, () => {
  afterEach(async () => {
    // Nobody is left waiting for the next test.
    const { waiting: left, taken } = (await (await fetch(`${at.platform().url}/v1/desk/queue`)).json()) as {
      waiting: { session: string }[];
      taken: { session: string; agent: string }[];
    };
    for (const { session, agent: by = 'tidy' } of [...left, ...taken] as { session: string; agent?: string }[]) {
      const body = JSON.stringify({ command: 'close', agent: by });
      const headers = { 'content-type': 'application/json' };
      await fetch(`${at.platform().url}/v1/sessions/${session}/control`, { method: 'POST', headers, body });
    }
  });

  it('leads an agent through a conversation: accept, read the story, write, hand back', async () => {
    const ann = await agent('ann');
    const bob = await customer('I want to talk to a person');
    await expect.poll(() => waiting(ann), LIMIT).toEqual([bob.session]);
    expect(await ann.title()).toContain('(1)');

    await ann.locator('#waiting .entry').click();
    await expect.poll(() => seen(ann, 'by-customer'), LIMIT).toEqual(['I want to talk to a person']);
    expect(await ann.locator('.turn').count()).toBe(1);
    expect(await ann.locator('#said').isDisabled()).toBe(true);
    await ann.locator('#accept').click();
    await expect.poll(() => ann.locator('#said').isEnabled(), LIMIT).toBe(true);
    await expect.poll(() => waiting(ann), LIMIT).toEqual([]);
    await expect.poll(() => ann.locator('#mine .entry').count(), LIMIT).toBe(1);

    await ann.fill('#said', 'Hello, this is Ann. https://shop.example/help');
    await ann.press('#said', 'Enter');
    await expect.poll(async () => (await bob.told()).at(-1), LIMIT).toContain('this is Ann');
    await expect.poll(() => ann.locator('.sending').count(), LIMIT).toBe(0);
    expect(await seen(ann, 'by-person')).toHaveLength(1);
    await bob.say('Where is my parcel?');
    await expect.poll(() => seen(ann, 'by-customer'), LIMIT).toContain('Where is my parcel?');
    await expect.poll(() => bob.page.locator('.turn .e-none').count(), LIMIT).toBe(0);
    // The bot keeps silent, although it would know.
    expect(await bob.told()).toHaveLength(2);

    await ann.locator('#hand-back').click();
    await expect.poll(() => ann.locator('#case-text').innerText(), LIMIT).toBe('The bot has this conversation.');
    expect(await ann.locator('#said').isDisabled()).toBe(true);
    await expect.poll(() => ann.locator('#mine .entry').count(), LIMIT).toBe(0);
    await bob.say('When are you open?');
    await expect.poll(async () => (await bob.told()).at(-1), LIMIT).toContain('9:00');
  });

  it('can be used by keyboard alone, in Chinese', async () => {
    const ann = await agent('安', { locale: 'zh-CN' });
    expect(await ann.locator('#accept-next').innerText()).toBe('接待下一位');
    const bob = await customer('我要转人工', { locale: 'zh-CN' });
    await expect.poll(() => waiting(ann), LIMIT).toEqual([bob.session]);
    await ann.keyboard.press('Alt+KeyN');
    await expect.poll(() => ann.locator('#case-text').innerText(), LIMIT).toBe('您正在接待这位顾客。');
    await expect.poll(() => ann.locator('#said:focus').count(), LIMIT).toBe(1);
    await ann.keyboard.type('您好');
    await ann.keyboard.press('Shift+Enter');
    await ann.keyboard.type('我是安。');
    await ann.keyboard.press('Enter');
    await expect.poll(async () => (await bob.told()).at(-1), LIMIT).toBe('您好\n我是安。');
    await ann.keyboard.press('Alt+KeyC');
    await expect.poll(() => bob.page.locator('#said').isDisabled(), LIMIT).toBe(true);
    const nameless = await ann.evaluate(`[...document.querySelectorAll('button, textarea, input')].filter(
      (e) => !(e.getAttribute('aria-label') ?? e.textContent.trim()) && !e.labels?.length).length`);
    expect(nameless).toBe(0);
  });

  it('gives a conversation to one of two agents', async () => {
    const [ann, ben] = [await agent('ann'), await agent('ben')];
    const bob = await customer('I want to talk to a person');
    for (const page of [ann, ben]) {
      await expect.poll(() => waiting(page), LIMIT).toEqual([bob.session]);
      await page.locator('#waiting .entry').click();
      await expect.poll(() => page.locator('#accept').isVisible(), LIMIT).toBe(true);
    }
    // Both press it, also where it has just gone.
    await Promise.all([ann, ben].map((page) => page.locator('#accept').dispatchEvent('click')));
    const has = (page: Page) => page.locator('#case-text').innerText();
    await expect
      .poll(async () => [await has(ann), await has(ben)].filter((t) => t.startsWith('You')), LIMIT)
      .toHaveLength(1);
    await expect.poll(async () => [await has(ann), await has(ben)].join(), LIMIT).toMatch(/(?:ann|ben) has this/u);
    expect([await ann.locator('#said').isEnabled(), await ben.locator('#said').isEnabled()].toSorted()).toEqual([
      false,
      true,
    ]);
  });

  it('takes a press that was begun before the queue changed', async () => {
    const ann = await agent('ann');
    const bob = await customer('I want to talk to a person');
    await expect.poll(() => waiting(ann), LIMIT).toEqual([bob.session]);
    await ann.locator('#waiting .entry').hover();
    await ann.mouse.down();
    const eve = await customer('I want to talk to a person');
    await expect.poll(() => waiting(ann), LIMIT).toEqual([bob.session, eve.session]);
    await ann.mouse.up();
    await expect.poll(() => ann.locator('#session-text').innerText(), LIMIT).toContain(bob.session);
  });

  it('marks what a customer wrote while the agent was looking elsewhere', async () => {
    const ann = await agent('ann');
    const unread = () => attributes(ann.locator('#mine .unread'), 'data-session');
    const people = [await customer('I want to talk to a person'), await customer('I want to talk to a person')];
    for (const { session } of people) {
      await expect.poll(() => waiting(ann), LIMIT).toContain(session);
      await ann.locator('#accept-next').click();
      await expect.poll(() => ann.locator('#case-text').innerText(), LIMIT).toBe('You have this conversation.');
    }
    const [bob, eve] = people;
    await eve?.say('Hello?');
    await expect.poll(() => seen(ann, 'by-customer'), LIMIT).toContain('Hello?');
    await bob?.say('Are you there?');
    await expect.poll(unread, LIMIT).toEqual([bob?.session]);
    expect(await ann.title()).toContain('(1)');
    await ann.reload();
    await expect.poll(unread, LIMIT).toEqual([bob?.session]);
    await ann.locator('#mine .unread').click();
    await expect.poll(() => seen(ann, 'by-customer'), LIMIT).toContain('Are you there?');
    await expect.poll(unread, LIMIT).toEqual([]);
    await ann.reload();
    await expect.poll(() => ann.locator('#mine .entry').count(), LIMIT).toBe(2);
    expect(await unread()).toEqual([]);
  }, 60_000);

  it('goes on after everything was restarted, without gap or repeat', async () => {
    const ann = await agent('ann');
    const bob = await customer('I want to talk to a person');
    await expect.poll(() => waiting(ann), LIMIT).toEqual([bob.session]);
    await ann.locator('#accept-next').click();
    await expect.poll(() => ann.locator('#said').isEnabled(), LIMIT).toBe(true);
    await at.platform().stop();
    await expect.poll(() => ann.locator('#state').getAttribute('data-kind'), LIMIT).not.toBe('live');
    await ann.fill('#said', 'Still here.');
    await ann.press('#said', 'Enter');
    await at.startAgain();
    const again = ann.getByRole('button', { name: 'Try again' });
    await expect
      .poll(
        async () => {
          if (await again.isVisible()) await again.click();
          return (await bob.told()).at(-1);
        },
        { timeout: 30_000 },
      )
      .toBe('Still here.');
    await bob.say('Thank you!');
    await expect
      .poll(() => seen(ann, 'by-customer'), { timeout: 30_000 })
      .toEqual(['I want to talk to a person', 'Thank you!']);
    await expect.poll(() => seen(ann, 'by-person'), LIMIT).toEqual(['Still here.']);
    const eve = await customer('I want to talk to a person');
    await expect.poll(() => waiting(ann), { timeout: 30_000 }).toEqual([eve.session]);
    await ann.reload();
    await expect.poll(() => seen(ann, 'by-person'), LIMIT).toEqual(['Still here.']);
    await expect.poll(() => ann.locator('#said').isEnabled(), LIMIT).toBe(true);
  }, 90_000);

  it('shows markup as the text that it is', async () => {
    const ann = await agent('ann');
    const attack = 'a person <img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
    const bob = await customer('I want to talk to a person');
    await bob.say(attack);
    await expect.poll(() => waiting(ann), LIMIT).toEqual([bob.session]);
    await ann.locator('#waiting .entry').click();
    await expect.poll(() => seen(ann, 'by-customer'), LIMIT).toContain(attack);
    expect(await ann.locator('main img, main script').count()).toBe(0);
    expect(await ann.evaluate(() => 'hacked' in globalThis)).toBe(false);
  });

  it('fits a phone', async () => {
    const ann = await agent('ann', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const bob = await customer('I want to talk to a person');
    await expect.poll(() => waiting(ann), LIMIT).toEqual([bob.session]);
    await ann.locator('#accept-next').tap();
    await expect.poll(() => ann.locator('#said').isEnabled(), LIMIT).toBe(true);
    expect(await ann.locator('#queue-pane').isVisible()).toBe(false);
    expect(await ann.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    for (const target of await ann.locator('.bar button:visible, .tabs button, .case button:visible, .send').all()) {
      const { width = 0, height = 0 } = (await target.boundingBox()) ?? {};
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(36);
    }
  });
});
