import { rows, type BenchSet } from './set.ts';

const DOMAINS = ['airline', 'fastfood', 'finance', 'insurance', 'media', 'software'] as const;

/** Peskov et al. 2019, CDLA-Permissive 1.0: customer service by sentence. Three in five test sentences are in train, too. */
export const multidogo = (): readonly BenchSet[] =>
  DOMAINS.map((domain) => ({
    name: `multidogo ${domain}`,
    train: rows(`multidogo-${domain}/train.jsonl`),
    test: rows(`multidogo-${domain}/test.jsonl`),
    validation: rows(`multidogo-${domain}/dev.jsonl`),
    goals: domain === 'finance' ? { unseen: 91 } : {},
    repeats: true,
  }));
