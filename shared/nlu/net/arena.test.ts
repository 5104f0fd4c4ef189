import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { createArena, padded } from './arena.ts';

const value = fc.float({ min: -2, max: 2, noNaN: true });

describe('the kernel', () => {
  it.prop([
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 7 }),
    fc.integer({ min: 1, max: 40 }),
    fc.infiniteStream(value),
  ])('adds to C the product of A and B', (m, k, columns, values) => {
    const n = padded(columns);
    const arena = createArena(m * k + k * n + m * n + 64);
    const [a, b, c] = [arena.matrix(m, k), arena.matrix(k, n), arena.matrix(m, n)];
    for (const { values: floats } of [a, b, c]) floats.forEach((_, i) => (floats[i] = values.next().value as number));
    const expected = Array.from(c.values, (start, i) => {
      const [row, column] = [Math.floor(i / n), i % n];
      return [...Array(k).keys()].reduce(
        (sum, j) => sum + (a.values[row * k + j] as number) * (b.values[j * n + column] as number),
        start,
      );
    });

    arena.product(a.at, k * 4, 4, b.at, n * 4, c.at, n * 4, m, k, n);

    c.values.forEach((sum, i) => {
      expect(sum).toBeCloseTo(expected[i] as number, 4);
    });
  });

  it('takes windows that overlap, and rows as columns', () => {
    const arena = createArena(256);
    const [a, b, c] = [arena.matrix(1, 4), arena.matrix(2, 16), arena.matrix(3, 16)];
    a.values.set([1, 2, 3, 4]);
    b.values.fill(1, 0, 16).fill(10, 16, 32);

    arena.product(a.at, 4, 4, b.at, 64, c.at, 64, 3, 2, 16);

    expect([c.values[0], c.values[16], c.values[47]]).toEqual([21, 32, 43]);
  });
});
