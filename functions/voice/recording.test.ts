import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newCall } from '../../shared/speech/audio-log.contract.ts';
import { memoryAudioLog } from '../../shared/speech/audio-memory.ts';
import { PATIENCE, type Format } from '../../shared/speech/chunk.ts';
import { recording, type Recorded, type Recording } from './recording.ts';
import { recordedIn } from './taking-up.ts';

const FORMAT: Format = { codec: 'mulaw', rate: 8_000 };
const frameOf = (number: number, length: number) => Uint8Array.from({ length }, (_, i) => (number * 31 + i) % 251);
const lengths = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 40 });

/** A call whose sound is put into a log in memory, by one process after the other. */
function stand() {
  const audio = memoryAudioLog();
  const ref = newCall();
  const unkept: string[] = [];
  return {
    unkept,
    sound: () => Buffer.concat(audio.all.map(({ sound }) => sound)),
    chunks: () => audio.all,
    recorded: async (): Promise<Recorded> => recordedIn(await audio.newest(ref)),
    begin: (after?: Recorded): Recording =>
      recording({
        audio,
        ref,
        format: FORMAT,
        chunkMs: 100,
        startedMs: 0,
        resumable: true,
        ...(after && { after }),
        accompanying: () => ({ patience: PATIENCE, locale: 'en', playing: false }),
        onUnkept: (why) => unkept.push(why),
      }),
  };
}
/** Whatever can be kept is kept. */
const settled = async () => {
  for (let i = 0; i < 200; i++) await Promise.resolve();
};

describe('sound of a client that sends again what was not kept', () => {
  it('is kept once and whole, wherever the process dies that held the call', async () => {
    await fc.assert(
      fc.asyncProperty(lengths, fc.array(fc.nat(40), { maxLength: 3 }), async (sizes, deaths) => {
        const frames = sizes.map((length, i) => frameOf(i + 1, length));
        const at = stand();
        let one = at.begin();
        let next = 1;
        for (const death of [...deaths].sort((a, b) => a - b)) {
          for (; next <= Math.min(death, frames.length); next++) one.hear(frames[next - 1] ?? frameOf(0, 1), next, 0);
          await settled();
          const recorded = await at.recorded();
          // What a client was told that it may forget is there.
          expect(recorded.through.frame).toBeGreaterThanOrEqual(one.keptSequence);
          one = at.begin(recorded);
          next = one.lastSequence + 1;
        }
        for (; next <= frames.length; next++) one.hear(frames[next - 1] ?? frameOf(0, 1), next, 0);
        expect(await one.end()).toBeUndefined();
        expect(Buffer.compare(at.sound(), Buffer.concat(frames))).toBe(0);
        expect(at.chunks().map(({ number }) => number)).toEqual(at.chunks().map((_, i) => i + 1));
      }),
      { numRuns: 200 },
    );
  });

  it('is left alone by a process that is late, which is told so at the end', async () => {
    const at = stand();
    const late = at.begin();
    late.hear(frameOf(1, 800), 1, 0);
    await settled();
    const other = at.begin(await at.recorded());
    other.hear(frameOf(2, 800), 2, 0);
    await settled();
    late.hear(frameOf(2, 400), 2, 0);
    expect(await late.end()).toBe('taken-over');
    expect(at.unkept).toEqual([]);
    expect(await other.end()).toBeUndefined();
    expect(at.sound()).toHaveLength(1_600);
  });

  it('has no silence for the time in which the client was away', () => {
    const at = stand();
    const one = at.begin();
    one.hear(frameOf(1, 800), 1, 0);
    one.resumed(5_000);
    one.tick(5_400);
    expect(one.ms).toBe(100);
    one.tick(5_600);
    expect(one.ms).toBe(700);
  });
});
