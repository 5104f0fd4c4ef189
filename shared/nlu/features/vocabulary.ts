import { HAN_PARTS, kindOfGram, PAIRS } from './grams.ts';
import type { GramReader } from './read.ts';
import { gramTable } from './table.ts';

/** The grams that a model knows, numbered by their place, and in how many of how many texts each occurred. */
export interface Vocabulary {
  readonly grams: Uint32Array;
  /** Number of texts that have the gram; 65,535 stands for more, too. */
  readonly occurrences: Uint16Array;
  readonly texts: number;
}

/** A pair of words that was said once tells nothing, and such pairs would be two thirds of all features. */
const LEAST = 2;
/**
 * From so many texts on, parts of Chinese count less (see `vectors.ts`), and those that were met once tell nothing either
 * (70.6 % with this bound, 70.8 without).
 */
export const MANY_TEXTS = 4_000;

/** Gathers the grams of some texts. The same texts in the same order give the same numbers. */
export function learnVocabulary(texts: Iterable<string>, read: GramReader): Vocabulary {
  const table = gramTable(16_384);
  let counts = new Uint16Array(16_384);
  let lastText = new Int32Array(16_384);
  let seen = 0;
  for (const text of texts) {
    seen += 1;
    const { hashes, length } = read(text);
    for (let i = 0; i < length; i += 1) {
      const id = table.add(hashes[i] ?? 0);
      if (id >= counts.length) {
        counts = grown(counts, new Uint16Array(counts.length * 2));
        lastText = grown(lastText, new Int32Array(lastText.length * 2));
      }
      if (lastText[id] === seen) continue;
      lastText[id] = seen;
      counts[id] = Math.min(0xffff, (counts[id] ?? 0) + 1);
    }
  }
  const grams = table.grams();
  const rare = new Set(seen >= MANY_TEXTS ? [PAIRS, HAN_PARTS] : [PAIRS]);
  const enough = (gram: number, id: number): boolean => !rare.has(kindOfGram(gram)) || (counts[id] ?? 0) >= LEAST;
  return {
    grams: grams.filter(enough),
    occurrences: counts.subarray(0, grams.length).filter((_, id) => enough(grams[id] ?? 0, id)),
    texts: seen,
  };
}

function grown<T extends Uint16Array | Int32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
