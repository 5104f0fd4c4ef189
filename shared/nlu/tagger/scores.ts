import type { GramTable } from '../features/table.ts';
import { labelCount, OUTSIDE } from './labels.ts';
import { FURTHEST, WHOLE, type Units } from './units.ts';

/**
 * What units say about labels. Unit u has the weights `begin[u]` up to `begin[u + 1]`; each belongs to the score that
 * stands `delta` after the row of the unit's place: offset in tokens times labels, plus label.
 */
export interface Emissions {
  readonly units: GramTable;
  readonly begin: Uint32Array;
  readonly delta: Int16Array;
  readonly weight: Float32Array | Int8Array;
  /** What weights are to be multiplied by. */
  readonly scale: number;
}

/** Row 0 belongs to the whole text; the token before the first can speak of `FURTHEST` rows before itself. */
export const FIRST_ROW = 2 + FURTHEST;

/** How many rows the scores of so many tokens take, with those at the edges that are written and never read. */
export function rowsOf(count: number): number {
  return FIRST_ROW + count + 1 + FURTHEST;
}

/** Where the row of a place begins. */
export function rowOf(place: number, labels: number): number {
  return place === WHOLE ? 0 : (FIRST_ROW + place) * labels;
}

/** Fills in the scores of all labels for `count` tokens, from row `FIRST_ROW` on. */
export function scoreLabels(
  { units, begin, delta, weight, scale }: Emissions,
  read: Units,
  count: number,
  kinds: number,
  scores: Float32Array,
): void {
  const labels = labelCount(kinds);
  scores.fill(0, 0, rowsOf(count) * labels);
  for (let u = 0; u < read.count; u += 1) {
    const unit = units.idOf(read.key[u] as number);
    if (unit < 0) continue;
    const row = rowOf(read.place[u] as number, labels);
    const end = begin[unit + 1] as number;
    for (let w = begin[unit] as number; w < end; w += 1) {
      const at = row + (delta[w] as number);
      scores[at] = (scores[at] as number) + (weight[w] as number);
    }
  }
  spread(scores, count, labels, scale);
}

/** Adds what is said of the whole text to each token. */
export function spread(scores: Float32Array, count: number, labels: number, scale: number): void {
  for (let i = 0; i < count; i += 1) {
    const row = (FIRST_ROW + i) * labels;
    for (let y = OUTSIDE; y < labels; y += 1) {
      scores[row + y] = ((scores[row + y] as number) + (scores[y] as number)) * scale;
    }
  }
}
