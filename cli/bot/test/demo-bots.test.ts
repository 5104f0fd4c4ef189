import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadBot } from '../../../shared/bot/load.ts';
import { collectTests } from './collect.ts';
import { unknownNames } from './names.ts';
import { runTest } from './run.ts';
import { subjectOf } from './subject.ts';

const all = await collectTests([join(import.meta.dirname, '../../../bots')]);

describe.each(all)('the conversations in $dir', ({ dir, cases, issues, warnings }) => {
  it('are read without a fault or a warning', async () => {
    expect({ issues, warnings, unknown: unknownNames(await loadBot(dir), cases) }).toEqual({
      issues: [],
      warnings: [],
      unknown: [],
    });
  });

  it('go as they are written', { timeout: 60_000 }, async () => {
    const subject = await subjectOf(await loadBot(dir), dir);
    const wrong = [];
    for (const test of cases) {
      const { passed, rounds, fault } = await runTest(subject, test);
      const differences = rounds.flatMap((round) => round.differences.map((it) => `${it.expected} <> ${it.came}`));
      if (!passed) wrong.push({ name: test.name, line: test.place.line, differences, fault });
    }
    expect(wrong).toEqual([]);
  });
});

it('are sixty or more, half of them in Chinese, for two bots', () => {
  const names = all.flatMap(({ cases }) => cases.map(({ name }) => name));
  expect(all.map(({ dir }) => basename(dir))).toEqual(['bank-helpdesk', 'shop-helpdesk']);
  expect(names.length).toBeGreaterThanOrEqual(60);
  expect(names.filter((name) => /\p{Script=Han}/u.test(name)).length).toBeGreaterThanOrEqual(30);
});
