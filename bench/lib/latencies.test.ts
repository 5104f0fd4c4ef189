import { expect, it } from 'vitest';
import { arrivals } from './arrivals.ts';
import { latencies } from './latencies.ts';

it('percentiles are values that were measured, whatever the order they came in', () => {
  const times = latencies();
  for (let i = 5_000; i >= 1; i--) times.add(i);
  expect([50, 95, 99, 100].map((p) => times.percentile(p))).toEqual([2_500, 4_750, 4_950, 5_000]);
  times.add(9_999);
  expect(times.max()).toBe(9_999);
  expect(times.count).toBe(5_001);
  expect(latencies(times.all()).percentile(50)).toBe(2_501);
});

it('nothing has no percentile', () => {
  expect(latencies().percentile(50)).toBeNaN();
});

it('arrivals come at their rate, however slow what they start is', async () => {
  const intended: number[] = [];
  const began = performance.now();
  await arrivals({ perSecond: 1_000, count: 50 }, (_index, at) => {
    intended.push(at - began);
    // The fifth one holds everything up for a while; the times of the others do not move.
    if (intended.length === 5) while (performance.now() - began < 30);
  });
  expect(intended).toHaveLength(50);
  const steps = intended.slice(1).map((at, i) => at - (intended[i] ?? 0));
  for (const step of steps) expect(step).toBeCloseTo(1, 6);
  expect(performance.now() - began).toBeGreaterThanOrEqual(49);
});
