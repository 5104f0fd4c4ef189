import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { benchTable, renderReadme } from './docs.ts';

it('has a README whose tables are those of the registry and of the benches (else: npm run docs)', async () => {
  const text = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  expect(await renderReadme(text)).toBe(text);
});

it('shows measured beside wanted', () => {
  const figures = [
    { name: 'CPU of a turn', value: 612, unit: 'µs', goal: '<= 678', met: true },
    { name: 'without a goal', value: 1, unit: 'µs' },
  ];
  const table = benchTable([{ bench: 'turns', date: '2026-11-20', machine: {}, durability: 'R1', figures }]);
  expect(table).toContain('| turns | CPU of a turn | 612 µs | <= 678 | yes | R1 |');
  expect(table).not.toContain('without a goal');
});

it('says from when to when was measured', () => {
  const on = (date: string) => ({ bench: 'turns', date, machine: {}, durability: 'R1', figures: [] });
  expect(benchTable([on('2026-11-21T05:00:00Z'), on('2026-11-20T23:00:00Z')])).toContain('2026-11-20 to 2026-11-21.');
  expect(benchTable([on('2026-11-20T05:00:00Z'), on('2026-11-20T23:00:00Z')])).toContain(', 2026-11-20.');
});
