import { rows, type BenchSet } from './set.ts';

/** SNIPS (CC0) and Bitext (CDLA-Sharing): saturated, so that a fault shows at once. */
export const smaller = (): readonly BenchSet[] =>
  ['snips', 'bitext'].map((name) => ({
    name,
    train: rows(`${name}/train.jsonl`),
    test: rows(`${name}/test.jsonl`),
    goals: {},
  }));
