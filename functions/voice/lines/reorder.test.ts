import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_FILL_MS, reorder, WINDOW_FRAMES, type Flaw, type Ordered } from './reorder.ts';

const FORMAT = { codec: 'mulaw', rate: 8_000 } as const;
const SILENCE = 0xff;
/** 20 ms that can be told from all others. */
const frame = (number: number) => new Uint8Array(160).fill(number % 251);
const bytes = (ordered: readonly Ordered[]) => Buffer.concat(ordered.flatMap(({ sound }) => [...sound]));
const flaws = (ordered: readonly Ordered[]): readonly Flaw[] => ordered.flatMap((of) => of.flaws);
const straight = (count: number) => Buffer.concat(Array.from({ length: count }, (_, i) => frame(i + 1)));

/** An order in which no frame is overtaken by more than the window holds. */
const arrivals = fc.integer({ min: 1, max: 120 }).chain((count) =>
  fc
    .array(fc.record({ delay: fc.integer({ min: 0, max: WINDOW_FRAMES - 1 }), again: fc.boolean() }), {
      minLength: count,
      maxLength: count,
    })
    .map((fates) =>
      fates
        .flatMap(({ delay, again }, i) => {
          const once = { number: i + 1, at: i + delay + i / 1_000 };
          return again ? [once, { ...once, at: once.at + 0.0005 }] : [once];
        })
        .sort((a, b) => a.at - b.at)
        .map(({ number }) => number),
    ),
);

describe('frames of a call', () => {
  it('overtaken within the window and doubled give the same sound as in order', () => {
    fc.assert(
      fc.property(arrivals, (numbers) => {
        const order = reorder(FORMAT);
        const given = [...numbers.map((number) => order.take(frame(number), number)), order.rest()];
        expect(bytes(given).equals(straight(Math.max(...numbers)))).toBe(true);
        expect(flaws(given).filter(({ kind }) => kind === 'lost')).toEqual([]);
        expect(order.givenMs).toBe(Math.max(...numbers) * 20);
      }),
    );
  });

  it('keep their time where some are lost: silence stands for them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 80 }), fc.uniqueArray(fc.integer({ min: 2, max: 79 })), (count, lost) => {
        const order = reorder(FORMAT);
        const present = Array.from({ length: count }, (_, i) => i + 1).filter((n) => !lost.includes(n));
        const given = [...present.map((number) => order.take(frame(number), number)), order.rest()];
        const sound = bytes(given);
        // Beyond the longest fill a hole is a hole.
        fc.pre(lost.length * 20 <= LONGEST_FILL_MS);
        for (const number of present) {
          const at = (number - 1) * 160;
          expect(sound.subarray(at, at + 160).equals(frame(number))).toBe(true);
        }
      }),
    );
  });

  it('are waited for, and no longer than the window', () => {
    const order = reorder(FORMAT);
    const first = order.take(frame(1), 1);
    const ahead = Array.from({ length: WINDOW_FRAMES }, (_, i) => order.take(frame(i + 3), i + 3));
    expect(bytes([first, ...ahead])).toHaveLength(160);
    const last = order.take(frame(WINDOW_FRAMES + 3), WINDOW_FRAMES + 3);
    expect(last.flaws).toEqual([{ kind: 'lost', frames: 1, ms: 20 }]);
    expect(bytes([last]).subarray(0, 160)).toEqual(Buffer.alloc(160, SILENCE));
    expect(order.take(frame(2), 2)).toEqual({ sound: [], flaws: [{ kind: 'late' }] });
    expect(order.givenMs).toBe((WINDOW_FRAMES + 3) * 20);
  });

  it('that come twice are heard once, and said to be doubled', () => {
    const order = reorder(FORMAT);
    const twice = [1, 3, 3, 2].map((number) => order.take(frame(number), number));
    expect(flaws(twice)).toEqual([{ kind: 'doubled' }]);
    expect(bytes(twice)).toEqual(straight(3));
  });

  it('that skip an hour give a second of silence, not an hour', () => {
    const order = reorder(FORMAT);
    order.take(frame(1), 1);
    order.take(frame(2), 180_000);
    expect(order.rest().flaws).toEqual([{ kind: 'lost', frames: 179_998, ms: LONGEST_FILL_MS }]);
    expect(order.givenMs).toBe(20 + LONGEST_FILL_MS + 20);
  });

  it('are heard again when a gateway begins to count anew', () => {
    const order = reorder(FORMAT);
    for (let number = 500; number < 600; number += 1) order.take(frame(number), number);
    const again = Array.from({ length: 30 }, (_, i) => order.take(frame(i + 1), i + 1));
    expect(flaws(again).at(-1)).toEqual({ kind: 'recounted' });
    expect(bytes(again)).toHaveLength((30 - WINDOW_FRAMES) * 160);
  });

  it('of a stream that is resumed begin after those that are known', () => {
    const order = reorder(FORMAT, 40);
    expect(order.take(frame(40), 40).flaws).toEqual([{ kind: 'late' }]);
    expect(bytes([order.take(frame(41), 41)])).toEqual(Buffer.from(frame(41)));
    expect(order.lastSequence).toBe(41);
  });

  it('without a count are taken as they come', () => {
    const order = reorder(FORMAT);
    expect(bytes([order.take(frame(7)), order.take(frame(3))])).toEqual(Buffer.concat([frame(7), frame(3)]));
  });

  it.each([
    ['empty', 0],
    ['odd-size', 321],
    ['too-long', 32_002],
  ] as const)('of %s size are refused', (why, size) => {
    const order = reorder({ codec: 'l16', rate: 16_000 });
    expect(order.take(new Uint8Array(size), 1)).toEqual({ sound: [], flaws: [{ kind: 'refused', why }] });
  });
});
