import fc from 'fast-check';
import { expect, it } from 'vitest';
import { playQueue } from './page/play-queue.js';

const sound = (from: number, count: number) => Int16Array.from({ length: count }, (_, i) => from + i);

it('plays in order, and tells of a mark when the last sample before it was played', () => {
  const queue = playQueue();
  queue.play(sound(1, 3));
  queue.mark('a');
  queue.play(sound(4, 2));
  queue.mark('b');
  expect(queue.take(2)).toEqual({ samples: sound(1, 2), filled: 2, marks: [] });
  expect(queue.take(2)).toEqual({ samples: sound(3, 2), filled: 2, marks: ['a'] });
  expect(queue.take(2)).toEqual({ samples: Int16Array.of(5, 0), filled: 1, marks: ['b'] });
  expect(queue.take(1)).toEqual({ samples: Int16Array.of(0), filled: 0, marks: [] });
});

it('throws everything away, and gives back the marks', () => {
  const queue = playQueue();
  queue.pause();
  queue.play(sound(1, 3));
  queue.mark('a');
  expect(queue.take(2).filled).toBe(0);
  expect(queue.waiting).toBe(3);
  expect(queue.clear()).toEqual(['a']);
  queue.play(sound(7, 1));
  expect(queue.take(1)).toEqual({ samples: Int16Array.of(7), filled: 1, marks: [] });
});

it('loses no sample and no mark, however it is taken', () => {
  const item = fc.oneof(fc.nat({ max: 50 }), fc.constantFrom('m', 'n'));
  fc.assert(
    fc.property(fc.array(item), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (items, sizes) => {
      const queue = playQueue();
      for (const each of items) {
        if (typeof each === 'string') queue.mark(each);
        else queue.play(sound(1, each));
      }
      const marks: string[] = [];
      const played: number[] = [];
      for (let i = 0; queue.waiting > 0 || i === 0; i += 1) {
        const taken = queue.take(sizes[i % sizes.length] ?? 1);
        marks.push(...taken.marks);
        played.push(...taken.samples.subarray(0, taken.filled));
      }
      expect(played).toEqual(items.flatMap((each) => (typeof each === 'string' ? [] : [...sound(1, each)])));
      expect(marks).toEqual(items.filter((each) => typeof each === 'string'));
    }),
  );
});
