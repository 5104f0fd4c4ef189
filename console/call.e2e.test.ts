import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { joined } from '../shared/speech/intake.ts';
import { digits, hasRecordings } from '../shared/speech/recordings.fixture.ts';
import { writeWav } from '../shared/speech/wav.ts';
import { turnstream } from '../cli/testing.ts';
import { noBrowser, stage } from './stage.fixture.ts';

const missing = noBrowser ?? (hasRecordings() ? undefined : 'the recordings of ../shared/data/voice/fsdd are not here');
const why = missing === undefined ? '' : `, skipped: ${missing}`;
const LIMIT = { timeout: 20_000 };
const HUM = `${process.execPath} ${join(import.meta.dirname, '..', 'cli', 'call', 'hum.fixture.ts')}`;

/** Three seconds of nothing, then 4 7 1 1: what the browser's microphone hears. */
async function microphone(dir: string): Promise<readonly string[]> {
  const wav = join(dir, 'microphone.wav');
  const { sound } = await digits('jackson', [4, 7, 1, 1]);
  const before = joined(new Int16Array(8 * 3_000), sound);
  await writeFile(wav, writeWav({ rate: 8_000, samples: joined(before, new Int16Array(8 * 60_000)) }));
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${wav}%noloop`,
  ];
}

const at = stage('page-call', { env: { ...process.env, TURNSTREAM_TTS_COMMAND: HUM }, args: microphone });
const visit = () => at.visitor({ permissions: ['microphone'] });
const state = (page: Page) => page.locator('#call').getAttribute('data-kind');
const story = (page: Page, who: string) => page.locator(`#call-lines .${who} .words`).allInnerTexts();

describe.skipIf(missing !== undefined)(`a call from the page${why}`, () => {
  it('shows what is said, decided, answered and heard, and takes keys', { timeout: 90_000 }, async () => {
    const page = await visit();
    await page.goto(at.platform().url);
    await page.getByRole('button', { name: 'Speak with the bot' }).click();
    await expect.poll(() => state(page), LIMIT).toBe('live');
    await expect.poll(() => story(page, 'you'), LIMIT).toEqual(['four seven one one']);
    // The greeting, and the answer.
    await expect.poll(() => story(page, 'bot'), LIMIT).toHaveLength(2);
    expect(await page.locator('#call-lines .decided').count()).toBeGreaterThan(0);
    await expect.poll(() => page.locator('#call-lines small').last().innerText(), LIMIT).toBe('heard to the end');
    // The same stands in the conversation and among the turns.
    expect(await page.locator('#messages .from-you .bubble p').allInnerTexts()).toEqual(['four seven one one']);
    expect(await page.locator('.turn .ending').count()).toBe(1);

    await page.getByRole('button', { name: 'Keypad' }).click();
    for (const key of '12#') await page.locator('#keypad button', { hasText: key }).click();
    await expect.poll(() => story(page, 'you'), LIMIT).toEqual(['four seven one one', '12']);
    await page.getByRole('button', { name: 'Hang up' }).click();
    await expect.poll(() => page.locator('#call-state').innerText(), LIMIT).toBe('The call is over');
    await page.getByRole('button', { name: 'Close' }).click();
    expect(await page.locator('#call').isVisible()).toBe(false);
  });

  it('goes on in the same call after its socket was lost in the middle of a word', { timeout: 90_000 }, async () => {
    const page = await visit();
    const cuts: (() => Promise<void>)[] = [];
    await page.routeWebSocket(/\/v1\/voice\//u, (socket) => {
      const server = socket.connectToServer();
      cuts.push(async () => {
        await socket.close();
        await server.close();
      });
    });
    await page.goto(at.platform().url);
    await page.getByRole('button', { name: 'Speak with the bot' }).click();
    await expect.poll(() => page.locator('#call-lines .you').count(), LIMIT).toBe(1);
    await cuts[0]?.();
    await expect.poll(() => state(page), LIMIT).toBe('waiting');
    await expect.poll(() => state(page), LIMIT).toBe('live');
    await expect.poll(() => story(page, 'you'), LIMIT).toEqual(['four seven one one']);
    expect(cuts).toHaveLength(2);
    await page.getByRole('button', { name: 'Hang up' }).click();
  });

  it('shows a call by telephone in the same session, word by word', { timeout: 90_000 }, async () => {
    const page = await visit();
    await page.goto(at.platform().url);
    await page.getByRole('textbox').fill('hello');
    await page.getByRole('textbox').press('Enter');
    await expect.poll(() => page.locator('#messages .from-bot').count(), LIMIT).toBeGreaterThan(0);
    const session = /#s=(\w+)/u.exec(page.url())?.[1] ?? '';
    const file = join(at.dir(), 'phone.wav');
    const { sound } = await digits('jackson', [4, 7, 1, 1]);
    await writeFile(file, writeWav({ rate: 8_000, samples: sound }));
    const partials: string[] = [];
    const watching = setInterval(() => {
      void page
        .locator('#call-lines .you .partial')
        .allInnerTexts()
        .then((texts) => partials.push(...texts))
        .catch(() => undefined);
    }, 50);
    const calling = turnstream(['call', file, '--gateway', 'twilio', '--session', session], {
      env: { TURNSTREAM_DIR: at.dir(), NO_COLOR: '1' },
    });
    await expect.poll(() => state(page), LIMIT).toBe('live');
    expect(await page.locator('#call-state').innerText()).toBe('A call by telephone');
    await expect.poll(() => story(page, 'you'), LIMIT).toEqual(['four seven one one']);
    clearInterval(watching);
    // Its words were there before it was over.
    expect(partials.some((text) => /^four/u.test(text))).toBe(true);
    await expect.poll(() => story(page, 'bot'), LIMIT).toHaveLength(2);
    expect(await calling).toMatchObject({ code: 0 });
    await expect.poll(() => page.locator('#call-state').innerText(), LIMIT).toBe('The call is over');
    // Whoever comes later sees what was said, and no call.
    await page.reload();
    await expect.poll(() => page.locator('#messages .from-you').count(), LIMIT).toBe(2);
    expect(await page.locator('#call').isVisible()).toBe(false);
  });

  it('says so where the microphone is refused', { timeout: 60_000 }, async () => {
    const page = await visit();
    await page.addInitScript(
      `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))`,
    );
    await page.goto(at.platform().url);
    await page.getByRole('button', { name: 'Speak with the bot' }).click();
    await expect
      .poll(() => page.locator('#call-state').innerText(), LIMIT)
      .toBe('The browser does not allow the microphone');
  });
});
