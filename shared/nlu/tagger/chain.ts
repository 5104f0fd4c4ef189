import { begins, OUTSIDE } from './labels.ts';

/**
 * How likely labels follow each other. A state is a label and, outside of a span, the kind of the last one: what may
 * come next depends on it across any gap ("add X to Y"). Weights are one vector:
 * eight blocks of one number for each kind, then one for each pair of kinds met in training.
 */
export interface Chain {
  readonly kinds: number;
  /** Pairs of kinds: the first `near` follow each other at once, the rest after a gap; both in order of `to`. */
  readonly from: Uint16Array;
  readonly to: Uint16Array;
  readonly near: number;
  /** Pairs to kind k: at once `starts[k]` up to `starts[k + 1]`, after a gap from `starts[kinds + k]` on. */
  readonly starts: Uint32Array;
  readonly weights: Float32Array;
}

/** Blocks of a chain's weights: `FIRST` + kind and so on, each `kinds` long. */
export const FIRST = 0;
export const AFTER_NONE = 1;
export const SECOND = 2;
export const FURTHER = 3;
export const LEAVES_ONE = 4;
export const LEAVES_MORE = 5;
export const LAST_IN = 6;
export const LAST_AFTER = 7;
export const BLOCKS = 8;
/** The weight of a pair of kinds never met. */
export const UNMET = -4;

/** The pairs of kinds that some label sequences have. */
export function chainOf(kinds: number, sequences: Iterable<ArrayLike<number>>): Chain {
  const near = new Set<number>();
  const far = new Set<number>();
  for (const labels of sequences) {
    let last = -1;
    for (let i = 0; i < labels.length; i += 1) {
      const label = labels[i] ?? OUTSIDE;
      if (label === OUTSIDE) continue;
      const kind = (label - 1) >> 1;
      if (label === begins(kind) && last >= 0) (labels[i - 1] === OUTSIDE ? far : near).add(kind * kinds + last);
      last = kind;
    }
  }
  const pairs = [...[...near].sort((a, b) => a - b), ...[...far].sort((a, b) => a - b)];
  const from = Uint16Array.from(pairs, (pair) => pair % kinds);
  const to = Uint16Array.from(pairs, (pair) => Math.floor(pair / kinds));
  const weights = new Float32Array(BLOCKS * kinds + pairs.length);
  return { kinds, from, to, near: near.size, starts: startsOf(kinds, to, near.size), weights };
}

/** Where the pairs to each kind begin (see `Chain.starts`). */
export function startsOf(kinds: number, to: Uint16Array, near: number): Uint32Array {
  const starts = new Uint32Array(2 * kinds + 1);
  to.forEach((target, p) => {
    const next = (p < near ? target : kinds + target) + 1;
    starts[next] = (starts[next] as number) + 1;
  });
  for (let i = 1; i < starts.length; i += 1) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  return starts;
}
