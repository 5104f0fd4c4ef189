import { rows, type BenchSet } from './set.ts';

/** Casanueva et al. 2020, CC BY 4.0: 77 intents of a bank's customers. */
export const banking77 = (): readonly BenchSet[] => {
  const test = rows('banking77/test.jsonl');
  const goals = { accuracy: 93.5, seconds: 30, memory: 1_024 };
  return [
    { name: 'banking77', train: rows('banking77/train.jsonl'), test, goals },
    { name: 'banking77 10 each', train: rows('banking77/train_10.jsonl'), test, goals: { accuracy: 81 } },
  ];
};
