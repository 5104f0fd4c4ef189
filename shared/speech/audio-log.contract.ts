import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { ulid } from 'ulid';
import { newSession } from '../testing/rig.ts';
import type { AudioLog } from './audio-log.ts';
import { PATIENCE, type CallRef, type Chunk } from './chunk.ts';
import type { HearingStore } from './hearing-store.ts';

/** Where sound and hearing are kept, to be tried, and the end of what they run on. */
export interface SpeechUnderTest {
  readonly audio: AudioLog;
  readonly hearing: HearingStore;
  stop(): Promise<void>;
}

export const newCall = (): CallRef => ({ ...newSession(), call: ulid() as EventId });

/** A chunk of a call: a tenth of a second that says its number. */
export const chunkOf = (number: number, over: Partial<Chunk> = {}): Chunk => ({
  number,
  fromMs: (number - 1) * 100,
  format: { codec: 'mulaw', rate: 8_000 },
  sound: Uint8Array.from({ length: 800 }, () => number % 256),
  patience: PATIENCE,
  locale: 'en',
  playing: false,
  last: false,
  ...over,
});

/** What every keeper of sound promises. */
export function describeAudio(name: string, start: () => Promise<SpeechUnderTest>): void {
  describe(`the sound of calls ${name}`, () => {
    let audio: AudioLog;
    let hearing: HearingStore;
    let stop: () => Promise<void>;
    beforeAll(async () => {
      const subject = await start();
      ({ audio, hearing } = subject);
      stop = () => subject.stop();
    });
    afterAll(() => stop());

    const write = async (ref: CallRef, count: number): Promise<readonly number[]> => {
      const positions: number[] = [];
      for (let number = 1; number <= count; number++) {
        const kept = await audio.append(ref, chunkOf(number), positions.at(-1) ?? 0);
        if (kept.kind !== 'kept') throw new Error('refused');
        positions.push(kept.position);
      }
      return positions;
    };

    it('reads back what was written, with everything that rides along', async () => {
      const ref = newCall();
      const patience = { afterWordsMs: 1, withoutWordsMs: 2, longestMs: 3 };
      const chunk = chunkOf(1, { format: { codec: 'l16', rate: 16_000 }, patience, locale: 'zh-Hant', playing: true });
      const kept = await audio.append(ref, chunk, 0);
      const { position } = kept as { position: number };
      const { sound, ...rest } = (await audio.at(ref, position)) ?? chunkOf(9);
      expect(rest).toEqual({ ...chunk, sound: undefined, position, previous: 0 });
      expect(Buffer.from(sound).equals(chunk.sound)).toBe(true);
    });

    it('keeps the end of a call, which has no sound', async () => {
      const ref = newCall();
      const last = chunkOf(1, { sound: new Uint8Array(), last: true });
      const { position } = (await audio.append(ref, last, 0)) as { position: number };
      expect(await audio.at(ref, position)).toMatchObject({ last: true, previous: 0 });
    });

    it('stands where it stood when it is sent again, and keeps another writer out', async () => {
      const ref = newCall();
      const [first = 0, second = 0] = await write(ref, 2);
      expect(await audio.append(ref, chunkOf(2), first)).toEqual({ kind: 'kept', position: second });
      expect(await audio.append(ref, chunkOf(3), first)).toEqual({ kind: 'refused', last: second });
      expect(await audio.append(ref, chunkOf(1), 0)).toEqual({ kind: 'refused', last: second });
      // Counted on from the same place, by somebody who took the call for lost.
      const closing = chunkOf(2, { sound: new Uint8Array(), last: true });
      expect(await audio.append(ref, closing, first)).toEqual({ kind: 'refused', last: second });
    });

    it('gives the chunks between two positions in order, and nobody else’s', async () => {
      const [ref, other] = [newCall(), newCall()];
      const positions: number[] = [];
      for (let number = 1; number <= 300; number++) {
        const kept = await audio.append(ref, chunkOf(number), positions.at(-1) ?? 0);
        positions.push((kept as { position: number }).position);
        if (number % 50 === 0) await write({ ...other, call: ulid() as EventId }, 2);
      }
      const numbers = async (after: number, through: number) =>
        (await audio.between(ref, positions[after - 1] ?? 0, positions[through - 1] ?? 0)).map((c) => c.number);
      const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
      expect(await numbers(0, 300)).toEqual(range(1, 300));
      expect(await numbers(120, 290)).toEqual(range(121, 290));
      expect(await numbers(5, 5)).toEqual([]);
      expect((await audio.newest(ref))?.number).toBe(300);
    });

    it('has nothing of a call at another’s positions', async () => {
      const [position = 0] = await write(newCall(), 1);
      expect(await audio.at(newCall(), position)).toBeUndefined();
      expect(await audio.newest(newCall())).toBeUndefined();
    });

    it('lets one of two that know the same state of hearing write the next', async () => {
      const ref = newCall();
      expect(await hearing.read(ref)).toBeUndefined();
      const first = (await hearing.write(ref, Uint8Array.of(1), 0)) ?? 0;
      expect(first).toBeGreaterThan(0);
      expect(await hearing.write(ref, Uint8Array.of(2), 0)).toBeUndefined();
      const second = await hearing.write(ref, Uint8Array.of(3), first);
      const read = await hearing.read(ref);
      expect([...(read?.state ?? [])]).toEqual([3]);
      expect(read?.position).toBe(second);
      expect((await hearing.glance(ref))?.position).toBe(second);
    });
  });
}
