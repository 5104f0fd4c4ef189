import { expect, it } from 'vitest';
import { cpuMeter, cpuMicros, ownCpuOf } from './cpu.ts';

it.runIf(process.platform === 'linux')('the processor time of a process is what it says itself, to a tick', () => {
  const end = performance.now() + 100;
  while (performance.now() < end);
  const { user, system } = process.cpuUsage();
  expect(Math.abs(cpuMicros(process.pid) - (user + system))).toBeLessThanOrEqual(40_000);
});

it.runIf(process.platform === 'linux')('a meter reads what was used since it was last read', () => {
  const meter = cpuMeter({ own: () => [process.pid], none: () => [] });
  const end = performance.now() + 100;
  while (performance.now() < end);
  const { own, none } = meter.read();
  expect(own).toBeGreaterThan(10_000);
  expect(none).toBe(0);
  expect(meter.read().own).toBeLessThan(own);
});

it('a process that is gone is named', () => {
  expect(() => cpuMicros(2 ** 30)).toThrow('processor time');
});

it('what a piece of work uses is told beside its result', async () => {
  const { result, micros } = await ownCpuOf(() => Promise.resolve(7));
  expect(result).toBe(7);
  expect(micros).toBeGreaterThanOrEqual(0);
});
