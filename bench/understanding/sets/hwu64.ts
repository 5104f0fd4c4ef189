import { rows, type BenchSet } from './set.ts';

/** Liu et al. 2019, CC BY 4.0: 64 intents of a home assistant. */
export const hwu64 = (): readonly BenchSet[] => [
  {
    name: 'hwu64',
    train: rows('hwu64/train.jsonl'),
    test: rows('hwu64/test.jsonl'),
    validation: rows('hwu64/dev.jsonl'),
    goals: { accuracy: 91 },
  },
];
