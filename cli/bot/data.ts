import { describeIssue } from '../../shared/bot/error.ts';
import type { TrainingData } from '../../shared/nlu/data/example.ts';
import { readTrainingData } from '../../shared/nlu/data/read.ts';
import { harmless, number, paint } from '../terminal.ts';

/** More lines than this help nobody at a terminal; `--json` has them all. */
const SHOWN = 20;

/** Reads training data and tells on standard error what is wrong with it. `usable` is false where there is an error. */
export async function readAndTell(paths: readonly string[]): Promise<TrainingData & { readonly usable: boolean }> {
  const data = await readTrainingData(paths);
  const tell = (line: string): boolean => process.stderr.write(`${line}\n`);
  const errors = data.problems.filter(({ severity }) => severity === 'error');
  const sorted = [...errors, ...data.problems.filter(({ severity }) => severity === 'warning')];
  for (const problem of sorted.slice(0, SHOWN)) {
    const kind = problem.severity === 'error' ? paint('red', 'error') : paint('yellow', 'warning');
    tell(`${kind} ${harmless(describeIssue(problem))}`);
  }
  if (sorted.length > SHOWN) tell(`and ${number(sorted.length - SHOWN)} more`);
  const usable = errors.length === 0 && data.examples.length > 0;
  if (!usable && errors.length === 0) tell(`${paint('red', 'error')} there is not one example to learn from`);
  return { ...data, usable };
}
