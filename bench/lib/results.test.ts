import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { atMost, below } from './bench.ts';
import { figureTable, rounded, writeResult } from './results.ts';

const figures = [
  { name: 'reply, p95', value: 24.999, unit: 'ms', goal: below(25) },
  { name: 'processor', value: 678.4, unit: 'µs/turn', goal: atMost(678) },
  { name: 'capacity', value: 1475.2, unit: 'turns/s' },
] as const;

it('a result says which goals were met', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'turnstream-bench-'));
  const machine = { cpu: 'a processor', cores: 2, memoryGiB: 24, kernel: 'Linux', node: 'v24', natsServer: '2.15.2' };
  const rest = { date: '2026-01-01', revision: 'abc', quick: false, machine, durability: 'R1, sync default' };
  const path = await writeResult(dir, { bench: 'turns', ...rest, figures });
  const kept = JSON.parse(await readFile(path, 'utf8')) as { readonly figures: unknown };
  await rm(dir, { recursive: true });
  expect(path.endsWith('turns.json')).toBe(true);
  expect(kept).toMatchObject({ bench: 'turns', date: '2026-01-01', machine, durability: 'R1, sync default' });
  expect(kept.figures).toEqual([
    { name: 'reply, p95', value: 25, unit: 'ms', goal: '< 25', met: true },
    { name: 'processor', value: 678, unit: 'µs/turn', goal: '<= 678', met: false },
    { name: 'capacity', value: 1475, unit: 'turns/s' },
  ]);
});

it.each([{ quick: true }, { quick: false, partial: true }])(
  'what says little does not take the place of a result: %j',
  async (kind) => {
    const dir = await mkdtemp(join(tmpdir(), 'turnstream-bench-'));
    const machine = { cpu: 'a processor', cores: 2, memoryGiB: 24, kernel: 'Linux', node: 'v24', natsServer: '2.15.2' };
    const rest = { bench: 'turns', revision: 'abc', machine, durability: 'R1, sync default', figures };
    const whole = await writeResult(dir, { ...rest, date: '2026-01-01', quick: false });
    const little = await writeResult(dir, { ...rest, date: '2026-01-02', ...kind });
    const [kept, aside] = await Promise.all([whole, little].map((path) => readFile(path, 'utf8')));
    await rm(dir, { recursive: true });
    expect(JSON.parse(kept ?? '')).toMatchObject({ date: '2026-01-01' });
    expect(JSON.parse(aside ?? '')).toMatchObject({ date: '2026-01-02', ...(kind.quick ? kind : { partial: true }) });
  },
);

it('a table has a line for each figure', () => {
  const lines = figureTable(figures);
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/processor +678 +µs\/turn +goal <= 678 +not met/u);
});

it('three digits are enough', () => {
  expect([0.012345, 1.2345, 12.345, 123.45, 12345.6, 0].map(rounded)).toEqual([0.0123, 1.23, 12.3, 123, 12346, 0]);
});
