import { BLOCKS, type Chain } from './chain.ts';
import { begins, continues, labelCount, OUTSIDE } from './labels.ts';

/** A kind whose beginning is nowhere nearer than that to the best label of a token cannot become likely. */
const HOPELESS = Number(process.env["HOPE"] ?? 12);

/** The kinds that may be in one text, with their scores and their part of the chain. */
export interface Narrowed {
  /** The kinds, in ascending order. */
  readonly kept: readonly number[];
  readonly chain: Chain;
  /** Scores of the labels of the kept kinds, token by token, from 0 on. Belongs to the room. */
  readonly scores: Float32Array;
}

/** Looks only at what a text may have: most of many kinds are out of the question at every token. */
export function narrower(chain: Chain): (scores: Float32Array, offset: number, count: number) => Narrowed {
  const { kinds, from, to, near, weights } = chain;
  const labels = labelCount(kinds);
  const marked = new Uint8Array(kinds);
  const place = new Uint16Array(kinds);
  const sources = new Uint16Array(from.length);
  const targets = new Uint16Array(from.length);
  const values = new Float32Array(weights.length);
  let compact = new Float32Array(64 * labels);
  return (scores, offset, count) => {
    marked.fill(0);
    for (let i = 0; i < count; i += 1) {
      const row = offset + i * labels;
      let best = scores[row + OUTSIDE] as number;
      for (let y = 1; y < labels; y += 1) if ((scores[row + y] as number) > best) best = scores[row + y] as number;
      const least = best - HOPELESS;
      for (let k = 0; k < kinds; k += 1) if ((scores[row + begins(k)] as number) >= least) marked[k] = 1;
    }
    const kept: number[] = [];
    for (let k = 0; k < kinds; k += 1) {
      if (!marked[k]) continue;
      place[k] = kept.length;
      kept.push(k);
    }
    const few = kept.length;
    for (let block = 0; block < BLOCKS; block += 1) {
      for (let k = 0; k < few; k += 1) values[block * few + k] = weights[block * kinds + (kept[k] as number)] as number;
    }
    let pairs = 0;
    let atOnce = 0;
    for (let p = 0; p < from.length; p += 1) {
      const source = from[p] as number;
      const target = to[p] as number;
      if (!marked[source] || !marked[target]) continue;
      sources[pairs] = place[source] as number;
      targets[pairs] = place[target] as number;
      values[BLOCKS * few + pairs] = weights[BLOCKS * kinds + p] as number;
      pairs += 1;
      if (p < near) atOnce = pairs;
    }
    const each = labelCount(few);
    if (compact.length < count * each) compact = new Float32Array(count * each);
    for (let i = 0; i < count; i += 1) {
      const row = offset + i * labels;
      compact[i * each] = scores[row + OUTSIDE] as number;
      for (let k = 0; k < few; k += 1) {
        compact[i * each + begins(k)] = scores[row + begins(kept[k] as number)] as number;
        compact[i * each + continues(k)] = scores[row + continues(kept[k] as number)] as number;
      }
    }
    return {
      kept,
      scores: compact,
      chain: {
        kinds: few,
        from: sources.subarray(0, pairs),
        to: targets.subarray(0, pairs),
        near: atOnce,
        weights: values.subarray(0, BLOCKS * few + pairs),
      },
    };
  };
}
