import {
  AFTER_NONE,
  BLOCKS,
  FIRST,
  FURTHER,
  LAST_AFTER,
  LAST_IN,
  LEAVES_MORE,
  LEAVES_ONE,
  SECOND,
  UNMET,
} from './chain.ts';
import type { Chain } from './chain.ts';
import { begins, continues, labelCount, OUTSIDE } from './labels.ts';

/** Sums over all sequences of labels, scaled token by token so that nothing overflows. Used again for each text. */
export interface Marginals {
  /** exp of the chain's weights; to be made again with `prepare` when they change. */
  readonly weights: Float64Array;
  readonly unmet: number;
  /** Likelihood of each label at each token: exp of its score less the best of the token. */
  labels: Float64Array;
  /** Of each state at each token (0 before any span; 3k + 1 the first token of kind k, 3k + 2 a further one, 3k + 3 after it), given the tokens before and itself; and of what comes after it. */
  forward: Float64Array;
  backward: Float64Array;
  /** What the forward sums were divided by. */
  scale: Float64Array;
}

/** Room for a chain's sums. */
export function marginalRoom(chain: Chain): Marginals {
  const none = new Float64Array(0);
  const room = { weights: new Float64Array(chain.weights.length), unmet: Math.exp(UNMET) };
  const marginals = { ...room, labels: none, forward: none, backward: none, scale: none };
  prepare(marginals, chain);
  return marginals;
}

/** Takes over the weights of a chain. */
export function prepare(marginals: Marginals, chain: Chain): void {
  for (let w = 0; w < chain.weights.length; w += 1) marginals.weights[w] = Math.exp(chain.weights[w] as number);
}

/** Below the best of a token by so much, a label is as good as impossible. */
const NEVER = 30;

/**
 * Fills in the sums for the scores of `count` tokens from `offset` on, and returns the logarithm of the total.
 */
export function sumUp(sums: Marginals, chain: Chain, scores: Float32Array, offset: number, count: number): number {
  const { kinds, from, starts } = chain;
  const { weights, unmet } = sums;
  const states = 3 * kinds + 1;
  const each = labelCount(kinds);
  if (sums.forward.length < count * states) {
    sums.forward = new Float64Array(count * states);
    sums.backward = new Float64Array(count * states);
    sums.labels = new Float64Array(count * each);
    sums.scale = new Float64Array(count + 1);
  }
  const { forward, backward, labels, scale } = sums;
  let total = 0;
  for (let i = 0; i < count; i += 1) {
    const row = offset + i * each;
    let best = scores[row] as number;
    for (let y = 1; y < each; y += 1) if ((scores[row + y] as number) > best) best = scores[row + y] as number;
    for (let y = 0; y < each; y += 1) {
      const below = (scores[row + y] as number) - best;
      labels[i * each + y] = below < -NEVER ? 0 : Math.exp(below);
    }
    total += best;
  }
  const pairs = BLOCKS * kinds;
  /** What leads to the beginning of a kind. */
  const begun = (k: number, was: number, none: number, any: number): number => {
    let sum = any + none * (weights[AFTER_NONE * kinds + k] as number);
    for (let p = starts[k] as number; p < (starts[k + 1] as number); p += 1) {
      const end = was + 3 * (from[p] as number);
      const mass = (forward[end + 1] as number) + (forward[end + 2] as number);
      sum += mass * ((weights[pairs + p] as number) - unmet);
    }
    for (let p = starts[kinds + k] as number; p < (starts[kinds + k + 1] as number); p += 1) {
      sum += (forward[was + 3 * (from[p] as number) + 3] as number) * ((weights[pairs + p] as number) - unmet);
    }
    return sum;
  };
  for (let i = 0; i < count; i += 1) {
    const is = i * states;
    const was = is - states;
    const row = i * each;
    const outside = labels[row + OUTSIDE] as number;
    if (i === 0) {
      forward[0] = outside;
      for (let k = 0; k < kinds; k += 1) {
        forward[3 * k + 1] = (weights[FIRST * kinds + k] as number) * (labels[row + begins(k)] as number);
        forward[3 * k + 2] = forward[3 * k + 3] = 0;
      }
    } else {
      const none = forward[was] as number;
      let any = 0;
      for (let s = 1; s < states; s += 1) any += forward[was + s] as number;
      any *= unmet;
      forward[is] = none * outside;
      for (let k = 0; k < kinds; k += 1) {
        const state = was + 3 * k;
        const one = forward[state + 1] as number;
        const more = forward[state + 2] as number;
        const after = forward[state + 3] as number;
        const label = labels[row + begins(k)] as number;
        forward[is + 3 * k + 1] = label === 0 ? 0 : label * begun(k, was, none, any);
        if (one + more + after === 0) {
          forward[is + 3 * k + 2] = forward[is + 3 * k + 3] = 0;
          continue;
        }
        forward[is + 3 * k + 2] =
          (one * (weights[SECOND * kinds + k] as number) + more * (weights[FURTHER * kinds + k] as number)) *
          (labels[row + continues(k)] as number);
        forward[is + 3 * k + 3] =
          (one * (weights[LEAVES_ONE * kinds + k] as number) +
            more * (weights[LEAVES_MORE * kinds + k] as number) +
            after) *
          outside;
      }
    }
    let sum = 0;
    for (let s = 0; s < states; s += 1) sum += forward[is + s] as number;
    scale[i] = sum;
    for (let s = 0; s < states; s += 1) forward[is + s] = (forward[is + s] as number) / sum;
    total += Math.log(sum);
  }
  const last = (count - 1) * states;
  backward[last] = 1;
  let end = forward[last] as number;
  for (let k = 0; k < kinds; k += 1) {
    const state = last + 3 * k;
    backward[state + 1] = backward[state + 2] = weights[LAST_IN * kinds + k] as number;
    backward[state + 3] = weights[LAST_AFTER * kinds + k] as number;
    for (let s = 1; s <= 3; s += 1) end += (forward[state + s] as number) * (backward[state + s] as number);
  }
  for (let s = 0; s < states; s += 1) backward[last + s] = (backward[last + s] as number) / end;
  total += Math.log(end);
  for (let i = count - 1; i > 0; i -= 1) {
    const is = i * states;
    const was = is - states;
    const row = i * each;
    const scaled = 1 / (scale[i] as number);
    const outside = (labels[row + OUTSIDE] as number) * scaled;
    let none = (backward[is] as number) * outside;
    let any = 0;
    for (let k = 0; k < kinds; k += 1) {
      const state = is + 3 * k;
      const begun = (backward[state + 1] as number) * (labels[row + begins(k)] as number) * scaled;
      const on = (backward[state + 2] as number) * (labels[row + continues(k)] as number) * scaled;
      const after = (backward[state + 3] as number) * outside;
      // Kept where the state of the token before stands, since nothing else is there yet.
      backward[was + 3 * k + 1] =
        on * (weights[SECOND * kinds + k] as number) + after * (weights[LEAVES_ONE * kinds + k] as number);
      backward[was + 3 * k + 2] =
        on * (weights[FURTHER * kinds + k] as number) + after * (weights[LEAVES_MORE * kinds + k] as number);
      backward[was + 3 * k + 3] = after;
      none += begun * (weights[AFTER_NONE * kinds + k] as number);
      any += begun;
    }
    any *= unmet;
    backward[was] = none;
    for (let s = 1; s < states; s += 1) backward[was + s] = (backward[was + s] as number) + any;
    for (let k = 0; k < kinds; k += 1) {
      const label = labels[row + begins(k)] as number;
      if (label === 0) continue;
      const mass = (backward[is + 3 * k + 1] as number) * label * scaled;
      for (let p = starts[k] as number; p < (starts[k + 1] as number); p += 1) {
        const end = was + 3 * (from[p] as number);
        const more = mass * ((weights[pairs + p] as number) - unmet);
        backward[end + 1] = (backward[end + 1] as number) + more;
        backward[end + 2] = (backward[end + 2] as number) + more;
      }
      for (let p = starts[kinds + k] as number; p < (starts[kinds + k + 1] as number); p += 1) {
        const gap = was + 3 * (from[p] as number) + 3;
        backward[gap] = (backward[gap] as number) + mass * ((weights[pairs + p] as number) - unmet);
      }
    }
  }
  return total;
}
