import { expect, it } from 'vitest';
import { metricWindow } from './metric-window.ts';

const over = (writes: readonly (readonly [second: number, value: number])[]) => {
  const window = metricWindow(6, 1_000);
  for (const [second, value] of writes) window.record(second * 1_000, value);
  return window;
};

it('averages over the seconds since the first write, and over the whole window later', () => {
  expect(over([[10, 6]]).average(10_500)).toBe(6);
  expect(
    over([
      [10, 6],
      [11, 12],
    ]).average(11_000),
  ).toBe(9);
  expect(
    over([
      [10, 6],
      [12, 12],
    ]).average(12_000),
  ).toBe(6); // the second in between counts as nothing
  expect(over([10, 11, 12, 13, 14, 15, 16, 17].map((s) => [s, s] as const)).average(17_000)).toBe(14.5);
});

it('adds what is written in the same second', () => {
  expect(
    over([
      [10, 2],
      [10.4, 3],
    ]).average(10_900),
  ).toBe(5);
});

it('divides by fewer seconds the longer nothing was written', () => {
  const window = over([10, 11, 12, 13, 14, 15].map((s) => [s, 6] as const));
  expect(window.average(15_000)).toBe(6);
  expect(window.average(17_000)).toBe(6); // 4 seconds of 6, over 6 - 2
  expect(window.average(20_000)).toBe(6);
  expect(window.average(21_000)).toBe(0);
});

it('begins anew after an empty window', () => {
  expect(
    over([
      [10, 60],
      [20, 6],
    ]).average(20_000),
  ).toBe(6);
});

it('knows nothing before the first write', () => {
  expect(metricWindow(6, 1_000).average(0)).toBeUndefined();
});

it('rounds to six digits', () => {
  expect(
    over([
      [10, 1],
      [11, 0],
      [12, 0],
    ]).average(12_000),
  ).toBe(0.333333);
});
