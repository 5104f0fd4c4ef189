import { AFTER_NONE, BLOCKS, FIRST, FURTHER, LAST_AFTER, LAST_IN, LEAVES_MORE, LEAVES_ONE, SECOND } from './chain.ts';
import type { Chain } from './chain.ts';
import { begins, continues, labelCount, OUTSIDE } from './labels.ts';
import { sumUp, type Marginals } from './marginals.ts';

/** Where a gradient is collected; both parts are overwritten. */
export interface Gradient {
  /** By token and label, laid out as the scores. */
  readonly scores: Float32Array;
  readonly weights: Float64Array;
}

/**
 * The log-likelihood of a label sequence under a chain (a linear-chain conditional random field, Lafferty et al. 2001),
 * and its gradient: what is there less what is expected.
 */
export function likelihood(
  chain: Chain,
  sums: Marginals,
  scores: Float32Array,
  offset: number,
  gold: Uint16Array,
  into: Gradient,
): number {
  const { kinds } = chain;
  const count = gold.length;
  const each = labelCount(kinds);
  const total = sumUp(sums, chain, scores, offset, count);
  into.weights.fill(0);
  expect(chain, sums, offset, count, into);
  let score = 0;
  const pass = (weight: number): void => {
    score += chain.weights[weight] as number;
    into.weights[weight] = (into.weights[weight] as number) + 1;
  };
  let last = -1;
  for (let i = 0; i < count; i += 1) {
    const label = gold[i] as number;
    const at = offset + i * each + label;
    score += scores[at] as number;
    into.scores[at] = (into.scores[at] as number) + 1;
    const before = i === 0 ? OUTSIDE : (gold[i - 1] as number);
    if (label === OUTSIDE) {
      if (before !== OUTSIDE) pass((before === begins(last) ? LEAVES_ONE : LEAVES_MORE) * kinds + last);
      continue;
    }
    const kind = (label - 1) >> 1;
    if (label === continues(kind)) pass((before === begins(kind) ? SECOND : FURTHER) * kinds + kind);
    else if (i === 0) pass(FIRST * kinds + kind);
    else if (last < 0) pass(AFTER_NONE * kinds + kind);
    else pass(BLOCKS * kinds + pairOf(chain, last, kind, before !== OUTSIDE));
    last = kind;
  }
  if (last >= 0) pass((gold[count - 1] === OUTSIDE ? LAST_AFTER : LAST_IN) * kinds + last);
  return score - total;
}

/** Takes away what is expected, from the sums. */
function expect(chain: Chain, sums: Marginals, offset: number, count: number, into: Gradient): void {
  const { kinds, from, to, near } = chain;
  const { weights, forward, backward, labels, scale } = sums;
  const states = 3 * kinds + 1;
  const each = labelCount(kinds);
  const take = (weight: number, mass: number): void => {
    into.weights[weight] = (into.weights[weight] as number) - mass;
  };
  for (let i = 0; i < count; i += 1) {
    const is = i * states;
    const was = is - states;
    const row = offset + i * each;
    let outside = (forward[is] as number) * (backward[is] as number);
    for (let k = 0; k < kinds; k += 1) {
      const state = is + 3 * k;
      const one = (forward[state + 1] as number) * (backward[state + 1] as number);
      into.scores[row + begins(k)] = -one;
      into.scores[row + continues(k)] = -(forward[state + 2] as number) * (backward[state + 2] as number);
      outside += (forward[state + 3] as number) * (backward[state + 3] as number);
    }
    into.scores[row + OUTSIDE] = -outside;
    if (i === 0) {
      for (let k = 0; k < kinds; k += 1) take(FIRST * kinds + k, -(into.scores[row + begins(k)] as number));
      continue;
    }
    const scaled = 1 / (scale[i] as number);
    const begun = (k: number): number =>
      (labels[i * each + begins(k)] as number) * (backward[is + 3 * k + 1] as number) * scaled;
    for (let k = 0; k < kinds; k += 1) {
      const one = forward[was + 3 * k + 1] as number;
      const more = forward[was + 3 * k + 2] as number;
      take(AFTER_NONE * kinds + k, (forward[was] as number) * (weights[AFTER_NONE * kinds + k] as number) * begun(k));
      const on = (labels[i * each + continues(k)] as number) * (backward[is + 3 * k + 2] as number) * scaled;
      take(SECOND * kinds + k, one * (weights[SECOND * kinds + k] as number) * on);
      take(FURTHER * kinds + k, more * (weights[FURTHER * kinds + k] as number) * on);
      const after = (labels[i * each + OUTSIDE] as number) * (backward[is + 3 * k + 3] as number) * scaled;
      take(LEAVES_ONE * kinds + k, one * (weights[LEAVES_ONE * kinds + k] as number) * after);
      take(LEAVES_MORE * kinds + k, more * (weights[LEAVES_MORE * kinds + k] as number) * after);
    }
    const pairs = BLOCKS * kinds;
    for (let p = 0; p < from.length; p += 1) {
      const state = was + 3 * (from[p] as number);
      const mass =
        p < near ? (forward[state + 1] as number) + (forward[state + 2] as number) : (forward[state + 3] as number);
      if (mass > 0) take(pairs + p, mass * (weights[pairs + p] as number) * begun(to[p] as number));
    }
  }
  const last = (count - 1) * states;
  for (let k = 0; k < kinds; k += 1) {
    const state = last + 3 * k;
    const mass = (part: number): number => (forward[state + part] as number) * (backward[state + part] as number);
    take(LAST_IN * kinds + k, mass(1) + mass(2));
    take(LAST_AFTER * kinds + k, mass(3));
  }
}

/** The pair of kinds that follow each other. Every pair in training has a weight. */
function pairOf({ from, to, near }: Chain, before: number, kind: number, atOnce: boolean): number {
  const end = atOnce ? near : from.length;
  for (let p = atOnce ? 0 : near; p < end; p += 1) if (from[p] === before && to[p] === kind) return p;
  throw new RangeError('a pair of kinds that the chain was not made for');
}
