import { rows, type BenchSet } from './set.ts';

const OTHERS = ['airline', 'fastfood', 'insurance', 'media', 'software'] as const;

/** Peskov et al. 2019, CDLA-Permissive 1.0: customer service by sentence. Three in five test sentences are in train, too. */
export const multidogo = (): readonly BenchSet[] => [set('finance', { unseen: 91 })];

/** The other domains of the same set, which have no goal of their own. */
export const multidogoOthers = (): readonly BenchSet[] => OTHERS.map((domain) => set(domain));

const set = (domain: string, goals: BenchSet['goals'] = {}): BenchSet => ({
  name: `multidogo ${domain}`,
  train: rows(`multidogo-${domain}/train.jsonl`),
  test: rows(`multidogo-${domain}/test.jsonl`),
  validation: rows(`multidogo-${domain}/dev.jsonl`),
  goals,
  repeats: true,
});
