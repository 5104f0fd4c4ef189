import { gramTable, type GramTable } from '../features/table.ts';
import { chance } from '../../chance/index.ts';
import type { Tokens } from './tokens.ts';

/** So many clusters of words; 0 stands for words that are in none. */
const CLUSTERS = 96;
/** The most frequent words are the contexts that others are known by. */
const CONTEXTS = 400;
const LEAST = 3;
const ROUNDS = 8;

/** Words met at least `least` times, and which of 96 clusters each belongs to. */
export interface Clustered {
  readonly words: GramTable;
  readonly clusters: Uint8Array;
}

/**
 * Groups the words of some texts by the words that stand before and after them (spherical k-means over positive
 * pointwise mutual information). The same texts and seed give the same clusters.
 */
export function clustersOf(each: (read: (tokens: Tokens) => void) => void, least: number, seed: number): Clustered {
  const all = gramTable(4_096);
  const counts: number[] = [];
  each(({ count, word }) => {
    for (let i = 0; i < count; i += 1) {
      const id = all.add((word[i] as number) >>> 0);
      counts[id] = (counts[id] ?? 0) + 1;
    }
  });
  const grams = all.grams();
  const ranked = counts.map((count, id) => ({ count, id })).filter(({ count }) => count >= least);
  ranked.sort((a, b) => b.count - a.count || a.id - b.id);
  const words = gramTable(ranked.length);
  for (const { id } of ranked) words.add(grams[id] as number);
  const vectors = contextsOf(
    each,
    words,
    ranked.map(({ count }) => count),
  );
  const clustered = ranked.filter(({ count }) => count >= LEAST).length;
  return { words, clusters: grouped(vectors, clustered, words.size, chance(seed)) };
}

/** A sparse vector of length 1. */
interface Sparse {
  readonly at: Uint16Array;
  readonly value: Float32Array;
}

function contextsOf(
  each: (read: (tokens: Tokens) => void) => void,
  words: GramTable,
  counts: readonly number[],
): readonly Sparse[] {
  const beside: Map<number, number>[] = Array.from({ length: words.size }, () => new Map<number, number>());
  const totals = new Float64Array(2 * (CONTEXTS + 2));
  let total = 0;
  each(({ count, word }) => {
    let before = CONTEXTS;
    for (let i = 0; i < count; i += 1) {
      const id = words.idOf((word[i] as number) >>> 0);
      const next = i + 1 < count ? words.idOf((word[i + 1] as number) >>> 0) : CONTEXTS;
      const mine = beside[id];
      const after = (next < 0 || next > CONTEXTS ? CONTEXTS + 1 : next) + CONTEXTS + 2;
      if (mine) {
        for (const context of [before, after]) {
          mine.set(context, (mine.get(context) ?? 0) + 1);
          totals[context] = (totals[context] ?? 0) + 1;
        }
        total += 1;
      }
      before = id < 0 || id >= CONTEXTS ? CONTEXTS + 1 : id;
    }
  });
  return beside.map((mine, id) => {
    const at: number[] = [];
    const value: number[] = [];
    for (const [context, times] of mine) {
      const information = Math.log((times * total) / ((counts[id] ?? 1) * (totals[context] as number)));
      if (information <= 0) continue;
      at.push(context);
      value.push(information);
    }
    const length = Math.hypot(...value) || 1;
    return { at: Uint16Array.from(at), value: Float32Array.from(value, (v) => v / length) };
  });
}

function grouped(vectors: readonly Sparse[], clustered: number, size: number, random: () => number): Uint8Array {
  const clusters = new Uint8Array(size);
  const groups = Math.min(CLUSTERS - 1, Math.floor(clustered / 4));
  if (groups < 2) return clusters;
  const width = 2 * (CONTEXTS + 2);
  const centres = new Float32Array(groups * width);
  // The most frequent words, a few apart, are the first centres: they have something to be known by.
  for (let g = 0; g < groups; g += 1) {
    const { at, value } = vectors[Math.min(clustered - 1, g * 3 + Math.floor(random() * 3))] as Sparse;
    for (let i = 0; i < at.length; i += 1) centres[g * width + (at[i] as number)] = value[i] as number;
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let w = 0; w < clustered; w += 1) clusters[w] = 1 + nearest(vectors[w] as Sparse, centres, groups, width);
    centres.fill(0);
    for (let w = 0; w < clustered; w += 1) {
      const { at, value } = vectors[w] as Sparse;
      const row = ((clusters[w] as number) - 1) * width;
      for (let i = 0; i < at.length; i += 1) {
        const cell = row + (at[i] as number);
        centres[cell] = (centres[cell] as number) + (value[i] as number);
      }
    }
    for (let g = 0; g < groups; g += 1) {
      const row = centres.subarray(g * width, (g + 1) * width);
      const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0)) || 1;
      for (let i = 0; i < width; i += 1) row[i] = (row[i] as number) / length;
    }
  }
  return clusters;
}

function nearest({ at, value }: Sparse, centres: Float32Array, groups: number, width: number): number {
  let best = 0;
  let most = -1;
  for (let g = 0; g < groups; g += 1) {
    let like = 0;
    for (let i = 0; i < at.length; i += 1)
      like += (value[i] as number) * (centres[g * width + (at[i] as number)] as number);
    if (like > most) [most, best] = [like, g];
  }
  return best;
}
