import { describe, expect, it } from 'vitest';
import { ANSWERS, WAIT, type Way } from './calls.fixture.ts';
import { saying } from './platform.fixture.ts';
import { stage } from './stage.fixture.ts';
import type { RunningVoice } from './start.ts';
import { turnstreamClient } from './testing/gateway-turnstream.ts';

// A client of our own whose socket is lost while its caller speaks.

const RATE = 16_000;
/** The bot takes less silence for the end of an utterance. */
const LONGER_THAN_A_PAUSE_MS = 900;

const { platform, voice, calls } = stage({ voice: { limits: { awayMs: 3_000 } }, afresh: true });

/** Says something in two halves, and comes back to a process in between. */
async function interrupted(back: RunningVoice): Promise<{ readonly way: Way; readonly told: readonly string[] }> {
  const way = await calls.way('turnstream');
  const client = turnstreamClient();
  await calls.greeted(client, way);
  const words = saying('where is my parcel', 1_200, RATE);
  await client.speak(words.subarray(0, words.length / 2));
  client.vanish();
  const lostAt = performance.now();
  await expect.poll(() => performance.now() - lostAt, WAIT).toBeGreaterThan(LONGER_THAN_A_PAUSE_MS);
  await client.connect(await calls.wayBack(back));
  await client.speak(words.subarray(words.length / 2));
  await client.wait(1_000);
  await expect.poll(() => calls.told(way), WAIT).toContain(`turn.replied ${ANSWERS.en[1]}`);
  // The process that was left has given it up.
  if (back !== voice()) await expect.poll(() => voice().calls(), WAIT).toBe(0);
  client.hangUp();
  await expect.poll(() => calls.told(way), WAIT).toContain('call.ended hung-up');
  return { way, told: await calls.told(way) };
}
const finals = (told: readonly string[]) => told.filter((line) => line.startsWith('speech.transcribed'));

describe('a caller whose socket was lost in the middle of a sentence', () => {
  it('is heard as if nothing had been', async () => {
    const { told } = await interrupted(voice());
    expect(finals(told)).toEqual([expect.stringContaining('where is my parcel')]);
    expect(told.filter((line) => line.startsWith('call.started'))).toHaveLength(1);
  }, 30_000);

  it('goes on in another process, and the one that was left writes nothing more', async () => {
    const other = await platform().voice();
    const { told } = await interrupted(other);
    expect(finals(told)).toEqual([expect.stringContaining('where is my parcel')]);
    expect(told.filter((line) => /^call\.(?:started|ended)/u.test(line))).toEqual([
      'call.started',
      'call.ended hung-up',
    ]);
    // The greeting was heard to its end before; only the answer is said in the other process.
    expect(told.filter((line) => line.startsWith('playback.completed'))).toHaveLength(1);
  }, 40_000);

  it('is told that there is nothing to go on with where the call is over', async () => {
    const way = await calls.way('turnstream');
    const client = turnstreamClient();
    await client.connect(way.url);
    await expect.poll(() => calls.told(way), WAIT).toContain('call.started');
    client.hangUp();
    await expect.poll(() => calls.told(way), WAIT).toContain('call.ended hung-up');
    const other = await platform().voice();
    await client.connect(await calls.wayBack(other));
    await expect.poll(() => platform().told, WAIT).toContain('turnstream nothing-to-resume');
    expect(other.calls()).toBe(0);
  }, 30_000);

  it('cannot go on with a call of another session than the ticket is for', async () => {
    const way = await calls.way('turnstream');
    const client = turnstreamClient();
    await calls.greeted(client, way);
    client.vanish();
    const other = await platform().voice();
    const { ref } = await calls.way('turnstream');
    await client.connect(await calls.wayInto(ref, 'turnstream', other));
    await expect.poll(() => platform().told, WAIT).toContain('turnstream nothing-to-resume');
    await expect.poll(() => calls.told(way), WAIT).toContain('call.ended lost');
  }, 30_000);
});
