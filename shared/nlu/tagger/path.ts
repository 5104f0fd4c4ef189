import { AFTER_NONE, BLOCKS, FIRST, FURTHER, LAST_AFTER, LAST_IN, LEAVES_MORE, LEAVES_ONE, SECOND, UNMET } from './chain.ts';
import type { Chain } from './chain.ts';
import { begins, continues, labelCount, OUTSIDE } from './labels.ts';

/** What the best path is found in; used again for each text. */
export interface PathRoom {
  readonly scores: Float32Array;
  readonly next: Float32Array;
  back: Uint16Array;
}

/** States: 0 before any span; 3k + 1 the first token of kind k, 3k + 2 a further one, 3k + 3 after it. */
export function pathRoom(kinds: number): PathRoom {
  const states = 3 * kinds + 1;
  return { scores: new Float32Array(states), next: new Float32Array(states), back: new Uint16Array(0) };
}

/**
 * The best sequence of labels (Viterbi) for the scores of `count` tokens, `labelCount` each, from `offset` on. Only
 * sequences are looked at in which a span begins before it goes on. Labels whose score is further than `reach` below
 * the best of their token are left aside, and so are kinds that have fallen twice as far behind.
 */
export function bestPath(
  chain: Chain,
  scores: Float32Array,
  offset: number,
  count: number,
  room: PathRoom,
  into: Uint16Array,
  reach = Infinity,
): void {
  const { kinds, from, starts, weights } = chain;
  const states = 3 * kinds + 1;
  const labels = labelCount(kinds);
  const pairs = BLOCKS * kinds;
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
    let most = outside;
    for (let y = 1; y < labels; y += 1) if ((scores[row + y] as number) > most) most = scores[row + y] as number;
    const least = most - reach;
    let anyFrom = 1;
    let any = was[1] as number;
    for (let s = 2; s < states; s += 1) {
      if ((was[s] as number) <= any) continue;
      any = was[s] as number;
      anyFrom = s;
    }
    const none = was[0] as number;
    const floor = (any > none ? any : none) - 2 * reach;
    any += UNMET;
    is[0] = none + outside;
    back[marks] = 0;
    for (let k = 0; k < kinds; k += 1) {
      const state = 3 * k;
      const one = was[state + 1] as number;
      const more = was[state + 2] as number;
      const after = was[state + 3] as number;
      const begun = scores[row + begins(k)] as number;
      if (begun < least && one < floor && more < floor && after < floor) {
        is[state + 1] = is[state + 2] = is[state + 3] = -Infinity;
        continue;
      }
      const leftOne = one + (weights[LEAVES_ONE * kinds + k] as number);
      const leftMore = more + (weights[LEAVES_MORE * kinds + k] as number);
      const left = leftOne > leftMore ? leftOne : leftMore;
      is[state + 3] = (after > left ? after : left) + outside;
      back[marks + state + 3] = state + (after > left ? 3 : leftOne > leftMore ? 1 : 2);

      const on = scores[row + continues(k)] as number;
      const second = one + (weights[SECOND * kinds + k] as number);
      const further = more + (weights[FURTHER * kinds + k] as number);
      is[state + 2] = on < least ? -Infinity : (second > further ? second : further) + on;
      back[marks + state + 2] = state + (second > further ? 1 : 2);

      if (begun < least) {
        is[state + 1] = -Infinity;
        continue;
      }
      let best = none + (weights[AFTER_NONE * kinds + k] as number);
      let source = 0;
      if (any > best) [best, source] = [any, anyFrom];
      for (let p = starts[k] as number; p < (starts[k + 1] as number); p += 1) {
        const end = 3 * (from[p] as number);
        const last = (was[end + 1] as number) > (was[end + 2] as number) ? end + 1 : end + 2;
        const score = (was[last] as number) + (weights[pairs + p] as number);
        if (score > best) [best, source] = [score, last];
      }
      for (let p = starts[kinds + k] as number; p < (starts[kinds + k + 1] as number); p += 1) {
        const gap = 3 * (from[p] as number) + 3;
        const score = (was[gap] as number) + (weights[pairs + p] as number);
        if (score > best) [best, source] = [score, gap];
      }
      is[state + 1] = best + begun;
      back[marks + state + 1] = source;
    }
    [was, is] = [is, was];
  }
  readBack(chain, was, back, count, into);
}

/** Follows the marks from the best last state to the first token. */
function readBack({ kinds, weights }: Chain, ends: Float32Array, back: Uint16Array, count: number, into: Uint16Array) {
  const states = 3 * kinds + 1;
  let state = 0;
  let best = ends[0] as number;
  for (let k = 0; k < kinds; k += 1) {
    for (let part = 1; part <= 3; part += 1) {
      const weight = weights[(part === 3 ? LAST_AFTER : LAST_IN) * kinds + k] as number;
      const score = (ends[3 * k + part] as number) + weight;
      if (score > best) [best, state] = [score, 3 * k + part];
    }
  }
  for (let i = count - 1; i >= 0; i -= 1) {
    const kind = Math.floor((state - 1) / 3);
    const part = state - 3 * kind;
    into[i] = state === 0 || part === 3 ? OUTSIDE : part === 1 ? begins(kind) : continues(kind);
    if (i > 0) state = back[i * states + state] as number;
  }
}
