import { rows, texts, type BenchSet } from './set.ts';

/** Larson et al. 2019, CC BY 3.0: 150 intents of an assistant, and what is out of its scope. */
export const clinc150 = (): readonly BenchSet[] => [
  {
    name: 'clinc150',
    train: rows('clinc150/train.jsonl'),
    test: rows('clinc150/test.jsonl'),
    validation: rows('clinc150/dev.jsonl'),
    outside: {
      train: texts('clinc150/oos_train.jsonl'),
      validation: texts('clinc150/oos_dev.jsonl'),
      test: texts('clinc150/oos_test.jsonl'),
    },
    goals: { accuracy: 95, auroc: 0.97, answered: 90, turnedAway: 88 },
  },
];
