import { begins, continues, labelCount, OUTSIDE } from './labels.ts';

/**
 * How likely labels follow each other. A state is a label and, outside of a span, the kind of the last one: what may
 * come next depends on it across any gap ("add X to Y"). Weights are one vector:
 * eight blocks of one number for each kind, then one for each pair of kinds met in training.
 */
export interface Chain {
  readonly kinds: number;
  /** Pairs of kinds that follow each other at once (`near`) or after a gap. */
  readonly from: Uint16Array;
  readonly to: Uint16Array;
  /** So many pairs, the first ones, follow at once. */
  readonly near: number;
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
      if (label === begins(kind) && last >= 0) (labels[i - 1] === OUTSIDE ? far : near).add(last * kinds + kind);
      last = kind;
    }
  }
  const pairs = [...[...near].sort((a, b) => a - b), ...[...far].sort((a, b) => a - b)];
  return {
    kinds,
    from: Uint16Array.from(pairs, (pair) => Math.floor(pair / kinds)),
    to: Uint16Array.from(pairs, (pair) => pair % kinds),
    near: near.size,
    weights: new Float32Array(BLOCKS * kinds + pairs.length),
  };
}

/** What the best path is found in; used again for each text. */
export interface PathRoom {
  readonly scores: Float32Array;
  next: Float32Array;
  back: Uint16Array;
}

/** States: 0 before any span; 3k + 1 the first token of kind k, 3k + 2 a further one, 3k + 3 after it. */
export function pathRoom(kinds: number): PathRoom {
  const states = 3 * kinds + 1;
  return { scores: new Float32Array(states), next: new Float32Array(states), back: new Uint16Array(0) };
}

/**
 * The best sequence of labels (Viterbi) for the scores of `count` tokens, `labelCount` each, from `offset` on. Only
 * sequences are looked at in which a span begins before it goes on.
 */
export function bestPath(
  chain: Chain,
  scores: Float32Array,
  offset: number,
  count: number,
  room: PathRoom,
  into: Uint16Array,
): void {
  const { kinds, from, to, near, weights } = chain;
  const states = 3 * kinds + 1;
  const labels = labelCount(kinds);
  if (room.back.length < count * states) room.back = new Uint16Array(count * states);
  const { back } = room;
  let was = room.scores;
  let is = room.next;
  was[0] = scores[offset + OUTSIDE] as number;
  for (let k = 0; k < kinds; k += 1) {
    was[3 * k + 1] = (scores[offset + begins(k)] as number) + (weights[FIRST * kinds + k] as number);
    was[3 * k + 2] = was[3 * k + 3] = -Infinity;
  }
  for (let i = 1; i < count; i += 1) {
    const row = offset + i * labels;
    const marks = i * states;
    const outside = scores[row + OUTSIDE] as number;
    let anyFrom = 1;
    for (let s = 2; s < states; s += 1) if ((was[s] as number) > (was[anyFrom] as number)) anyFrom = s;
    const any = (was[anyFrom] as number) + UNMET;
    const none = was[0] as number;
    is[0] = none + outside;
    back[marks] = 0;
    for (let k = 0; k < kinds; k += 1) {
      const one = was[3 * k + 1] as number;
      const more = was[3 * k + 2] as number;
      const after = was[3 * k + 3] as number;
      const begun = none + (weights[AFTER_NONE * kinds + k] as number);
      is[3 * k + 1] = begun > any ? begun : any;
      back[marks + 3 * k + 1] = begun > any ? 0 : anyFrom;
      const second = one + (weights[SECOND * kinds + k] as number);
      const further = more + (weights[FURTHER * kinds + k] as number);
      is[3 * k + 2] = (second > further ? second : further) + (scores[row + continues(k)] as number);
      back[marks + 3 * k + 2] = 3 * k + (second > further ? 1 : 2);
      const leftOne = one + (weights[LEAVES_ONE * kinds + k] as number);
      const leftMore = more + (weights[LEAVES_MORE * kinds + k] as number);
      const left = leftOne > leftMore ? leftOne : leftMore;
      is[3 * k + 3] = (after > left ? after : left) + outside;
      back[marks + 3 * k + 3] = 3 * k + (after > left ? 3 : leftOne > leftMore ? 1 : 2);
    }
    const pairs = BLOCKS * kinds;
    for (let p = 0; p < from.length; p += 1) {
      const source = 3 * (from[p] as number);
      const target = 3 * (to[p] as number) + 1;
      let state = source + 3;
      if (p < near) state = (was[source + 1] as number) > (was[source + 2] as number) ? source + 1 : source + 2;
      const score = (was[state] as number) + (weights[pairs + p] as number);
      if (score > (is[target] as number)) {
        is[target] = score;
        back[marks + target] = state;
      }
    }
    for (let k = 0; k < kinds; k += 1) is[3 * k + 1] = (is[3 * k + 1] as number) + (scores[row + begins(k)] as number);
    [was, is] = [is, was];
  }
  let state = 0;
  let best = was[0] as number;
  for (let s = 1; s < states; s += 1) {
    const kind = Math.floor((s - 1) / 3);
    const score = (was[s] as number) + (weights[((s - 1) % 3 === 2 ? LAST_AFTER : LAST_IN) * kinds + kind] as number);
    if (score > best) [best, state] = [score, s];
  }
  for (let i = count - 1; i >= 0; i -= 1) {
    const part = (state - 1) % 3;
    const kind = Math.floor((state - 1) / 3);
    into[i] = state === 0 || part === 2 ? OUTSIDE : part === 0 ? begins(kind) : continues(kind);
    if (i > 0) state = back[i * states + state] as number;
  }
}
