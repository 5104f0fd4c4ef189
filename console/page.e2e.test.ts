import type { BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { attributes, noBrowser, stage } from './stage.fixture.ts';

const why = noBrowser === undefined ? '' : `, skipped: ${noBrowser}`;
const LIMIT = { timeout: 15_000 };

const at = stage('page');

/** Opens the page as a visitor with a browser of their own. */
async function visit(options: BrowserContextOptions = {}, hash = ''): Promise<Page> {
  const page = await at.open(`/${hash}`, options);
  await page.locator('#suggestions button').first().waitFor({ state: 'attached' });
  return page;
}

const say = async (page: Page, text: string) => {
  await page.fill('#said', text);
  await page.press('#said', 'Enter');
};
const saidBy = (page: Page, who: 'you' | 'bot') => page.locator(`#messages .from-${who} .bubble p`).allInnerTexts();
const endings = (page: Page) => page.locator('.turn .ending').allInnerTexts();
/** Says something and waits for the turn to end, on both sides of the page. */
async function turn(page: Page, text: string): Promise<string> {
  const before = (await saidBy(page, 'bot')).length;
  await say(page, text);
  await expect.poll(async () => (await saidBy(page, 'bot')).length, LIMIT).toBe(before + 1);
  await expect.poll(() => page.locator('.turn .e-none').count(), LIMIT).toBe(0);
  return (await saidBy(page, 'bot')).at(-1) ?? '';
}
const sessionOf = (page: Page) => new URL(page.url()).hash.slice('#s='.length);
const types = (page: Page, nth: number) => attributes(page.locator('.turn').nth(nth).locator('.step'), 'data-type');

describe.skipIf(noBrowser !== undefined)(`the page${why}`, () => {
  it('leads through a conversation in English, and shows every step of each turn', async () => {
    const page = await visit();
    expect(await turn(page, 'Where is my parcel?')).toContain('order number');
    expect(await turn(page, 'It is TS12345678')).toContain('https://shop.example/track/TS12345678');

    expect(await saidBy(page, 'you')).toEqual(['Where is my parcel?', 'It is TS12345678']);
    expect(await endings(page)).toEqual(['Replied', 'Replied']);
    const [asked, answered] = [page.locator('.turn').nth(0), page.locator('.turn').nth(1)];
    const steps = await types(page, 0);
    expect([steps[0], ...steps.slice(3)]).toEqual(['utterance.received', 'policy.decided', 'turn.replied']);
    // Two functions work at once: while the model is still trained, the entities come first.
    expect(steps.slice(1, 3).sort()).toEqual(['entities.extracted', 'intent.classified']);
    expect(await asked.locator('.ranking .chosen .intent').innerText()).toBe('track_parcel');
    expect(Number(await asked.locator('.chosen .meter').getAttribute('aria-valuenow'))).toBeGreaterThan(60);
    expect(await asked.locator('.k-policy .strong').innerText()).toBe('Ask for order_number');
    expect(await asked.locator('.k-policy code').innerText()).toBe('slot-missing');
    expect(await asked.locator('.changes li').innerText()).toMatch(/asks for.*none.*order_number/su);
    expect(await answered.locator('.pair').innerText()).toMatch(/order_number\s*TS12345678/u);
    expect(await answered.locator('.changes').innerText()).toMatch(/order_number.*none.*TS12345678/su);
    expect(await asked.locator('.time').allInnerTexts()).toHaveLength(5);
    expect(await asked.locator('.total').innerText()).toMatch(/\d+ ms|\d s/u);
    // What the bot says is a link, to nowhere but where it says.
    const link = page.locator('#messages a');
    expect(await link.getAttribute('href')).toBe('https://shop.example/track/TS12345678');
    expect(await link.getAttribute('rel')).toContain('noopener');
  });

  it('leads through a conversation in Chinese for a Chinese browser', async () => {
    const page = await visit({ locale: 'zh-CN' });
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect(await page.locator('#fresh').innerText()).toBe('新会话');
    expect(await turn(page, '我的包裹到哪里了？')).toContain('订单号');
    expect(await turn(page, 'TS12345678')).toContain('TS12345678');
    expect(await endings(page)).toEqual(['已回复', '已回复']);
    expect(await page.locator('.turn').nth(0).locator('.k-policy .strong').innerText()).toBe('询问 order_number');
  });

  it('sends what a button stands for when it is pressed', async () => {
    const page = await visit();
    await turn(page, 'hello');
    await page.getByRole('button', { name: 'Check a refund' }).click();
    await expect.poll(() => saidBy(page, 'you'), LIMIT).toEqual(['hello', 'Check a refund']);
    await expect.poll(() => endings(page), LIMIT).toEqual(['Replied', 'Replied']);
    const pressed = page.locator('.turn').nth(1);
    expect(await pressed.locator('.k-received code').innerText()).toBe('/refund_status');
    expect(await pressed.locator('.chosen .intent').innerText()).toBe('refund_status');
    // The buttons of an earlier message are gone: they belonged to another question.
    expect(await page.getByRole('button', { name: 'Check a refund' }).count()).toBe(0);
  });

  it('keeps everything when it is loaded again, and when the address is opened elsewhere', async () => {
    const page = await visit();
    await turn(page, 'Where is my parcel?');
    await turn(page, 'TS12345678');
    const before = { you: await saidBy(page, 'you'), bot: await saidBy(page, 'bot'), steps: await types(page, 1) };
    await page.reload();
    await expect.poll(() => saidBy(page, 'bot'), LIMIT).toEqual(before.bot);
    expect(await saidBy(page, 'you')).toEqual(before.you);
    expect(await types(page, 1)).toEqual(before.steps);
    expect(await turn(page, 'When are you open?')).toContain('9:00');

    const elsewhere = await visit({}, `#s=${sessionOf(page)}`);
    await expect.poll(async () => (await saidBy(elsewhere, 'bot')).length, LIMIT).toBe(3);
    // What is said in one of them appears in the other.
    await say(page, 'thank you');
    await expect.poll(async () => (await saidBy(elsewhere, 'you')).at(-1), LIMIT).toBe('thank you');
  });

  it('goes on after everything was restarted, without gap or repeat', async () => {
    const page = await visit();
    await turn(page, 'Where is my parcel?');
    await at.platform().stop();
    await expect.poll(() => page.locator('#state').getAttribute('data-kind'), LIMIT).not.toBe('live');
    await at.startAgain();
    // Said elsewhere before this page is back: it has to come to know of it.
    const said = await fetch(`${at.platform().url}/v1/sessions/${sessionOf(page)}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'utterance.received', data: { text: 'TS12345678' } }),
    });
    expect(said.status).toBe(202);
    await expect.poll(() => page.locator('#state').getAttribute('data-kind'), { timeout: 30_000 }).toBe('live');
    await expect.poll(() => endings(page), LIMIT).toEqual(['Replied', 'Replied']);
    expect(await turn(page, 'When are you open?')).toContain('9:00');
    expect(await saidBy(page, 'you')).toEqual(['Where is my parcel?', 'TS12345678', 'When are you open?']);
    expect(await saidBy(page, 'bot')).toHaveLength(3);
    for (const nth of [0, 1, 2]) expect(await types(page, nth)).toHaveLength(5);
  }, 90_000);

  it('sends what was said while the platform was away once it is back', async () => {
    const page = await visit();
    await turn(page, 'hello');
    await at.platform().stop();
    await say(page, 'When are you open?');
    await expect.poll(() => page.locator('.from-you.sending').count()).toBe(1);
    await at.startAgain();
    const again = page.getByRole('button', { name: 'Try again' });
    await expect
      .poll(
        async () => {
          if (await again.isVisible()) await again.click();
          return saidBy(page, 'bot');
        },
        { timeout: 30_000 },
      )
      .toHaveLength(2);
    expect(await saidBy(page, 'you')).toEqual(['hello', 'When are you open?']);
    expect(await endings(page)).toEqual(['Replied', 'Replied']);
  }, 90_000);

  it('shows markup as the text that it is', async () => {
    const page = await visit();
    const attack =
      '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> https://evil.example/"onclick="x';
    await turn(page, attack);
    expect(await saidBy(page, 'you')).toEqual([attack]);
    expect(await page.locator('.turn q').innerText()).toBe(attack);
    expect(await page.locator('main img, main script, .from-you a').count()).toBe(0);
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false);
  });

  it('lets no script or style in that is not its own', async () => {
    const answer = await fetch(at.platform().url);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe-inline');
    const html = await answer.text();
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/u);
    const { status } = await fetch(`${at.platform().url}/console/../serve.ts`);
    expect(status).toBe(404);
  });

  it('fits a phone: one pane at a time, nothing cut off, every target large enough', async () => {
    const page = await visit({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    await turn(page, 'Where is my parcel?');
    expect(await page.locator('#timeline').isVisible()).toBe(false);
    await page.locator('.from-bot .why').click();
    expect(await page.locator('#timeline').isVisible()).toBe(true);
    expect(await page.locator('#chat').isVisible()).toBe(false);
    expect(await page.locator('.turn .k-policy .strong').innerText()).toBe('Ask for order_number');
    await page.locator('#show-chat').click();
    expect(await page.locator('#said').isVisible()).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    for (const target of await page.locator('.bar button, .tabs button, .send').all()) {
      const { width = 0, height = 0 } = (await target.boundingBox()) ?? {};
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(36);
    }
  });

  it('can be used by keyboard alone, and tells screen readers what the bot says', async () => {
    const page = await visit();
    await page.locator('#said').focus();
    await page.keyboard.type('When are you');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('open?');
    await page.keyboard.press('Enter');
    await expect.poll(() => saidBy(page, 'bot'), LIMIT).toHaveLength(1);
    expect(await saidBy(page, 'you')).toEqual(['When are you\nopen?']);
    const log = page.getByRole('log');
    expect(await log.getAttribute('aria-live')).toBe('polite');
    expect(await log.innerText()).toContain('9:00');
    const nameless = await page.evaluate(`[...document.querySelectorAll('button, textarea, input')].filter(
      (e) => !(e.getAttribute('aria-label') ?? e.textContent.trim()) && !e.labels?.length).length`);
    expect(nameless).toBe(0);
  });

  it('changes its language without losing anything', async () => {
    const page = await visit();
    await turn(page, 'Where is my parcel?');
    await page.locator('#language').click();
    expect(await page.locator('#fresh').innerText()).toBe('新会话');
    expect(await endings(page)).toEqual(['已回复']);
    expect(await saidBy(page, 'you')).toEqual(['Where is my parcel?']);
    await page.reload();
    await expect.poll(() => endings(page), LIMIT).toEqual(['已回复']);
  });

  it('ends with the conversation, and begins another', async () => {
    const page = await visit();
    await turn(page, 'goodbye');
    await expect.poll(() => page.locator('#said').isDisabled(), LIMIT).toBe(true);
    expect(await page.locator('#messages .note').innerText()).toBe('The conversation was closed.');
    const first = sessionOf(page);
    await page.locator('#fresh').click();
    expect(await page.locator('#welcome').isVisible()).toBe(true);
    await turn(page, 'hello');
    expect(sessionOf(page)).not.toBe(first);
  });

  it('belongs to the tenant of the key, which sees nothing of another', async () => {
    const demo = await visit();
    await turn(demo, 'hello');
    const page = await visit();
    await page.locator('#key').click();
    await page.fill('#key-value', at.platform().apiKeys['acme'] ?? '');
    await page.keyboard.press('Enter');
    await turn(page, 'hello');
    await page.goto(`${at.platform().url}/#s=${sessionOf(demo)}`);
    await expect.poll(() => page.locator('#state').innerText(), LIMIT).toBe('Session not found');
    expect(await saidBy(page, 'you')).toEqual([]);
  });

  it('asks for a key where the one it has is wrong', async () => {
    const page = await visit();
    await page.locator('#key').click();
    await page.fill('#key-value', 'ts_acme_wrong');
    await page.keyboard.press('Enter');
    await say(page, 'hello');
    await expect.poll(() => page.locator('#key-dialog').isVisible(), LIMIT).toBe(true);
    expect(await page.locator('.from-you.failed').count()).toBe(1);
    await page.fill('#key-value', '');
    await page.keyboard.press('Enter');
    await turn(page, 'hello');
  });
});
