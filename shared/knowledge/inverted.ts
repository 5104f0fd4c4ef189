/** Saturation of repeated terms and weight of length, as Robertson and Zaragoza recommend (2009, section 3). */
export const K1 = 1.2;
export const B = 0.75;
const MOST_COUNTED = 255;

/** The terms of a passage by number, how often each counts, and how long the passage is. */
export interface Counted {
  readonly terms: Uint32Array;
  readonly counts: Uint8Array;
  readonly length: number;
}

/** Numbers for terms, in the order in which they are met. Only grows. */
export interface Lexicon {
  numberOf(term: string): number;
  /** The number of a term that has been met. */
  find(term: string): number | undefined;
  readonly size: number;
}

export function lexicon(): Lexicon {
  const numbers = new Map<string, number>();
  return {
    numberOf(term) {
      let number = numbers.get(term);
      if (number === undefined) numbers.set(term, (number = numbers.size));
      return number;
    },
    find: (term) => numbers.get(term),
    get size() {
      return numbers.size;
    },
  };
}

/** A term of a passage or question, and how much it counts. */
export type Weighed = readonly [term: string, weight: number];

/** Counts a passage's terms: whole weights only, 255 at most for one term. */
export function counted(terms: readonly Weighed[], to: Lexicon): Counted {
  const counts = new Map<number, number>();
  let length = 0;
  for (const [term, weight] of terms) {
    const number = to.numberOf(term);
    counts.set(number, Math.min(MOST_COUNTED, (counts.get(number) ?? 0) + weight));
    length += weight;
  }
  return { terms: Uint32Array.from(counts.keys()), counts: Uint8Array.from(counts.values()), length };
}

/** BM25 of every passage for a question. */
export interface Scores {
  /** In units of what a term is worth that stands in one passage only, over and over. */
  readonly of: Float64Array;
  /** What a passage would get that had all of the question, over and over. */
  readonly highest: number;
}

/** An inverted index: which passages have a term. */
export interface Inverted {
  readonly passages: number;
  /** The bytes that it takes. */
  readonly bytes: number;
  /** What is given is overwritten by the next call. */
  score(terms: readonly Weighed[]): Scores;
}

/**
 * Passages by their terms, in typed arrays: the postings of a term are its passages in order, with counts, beside each
 * other. `idf` is that of Lucene, ln(1 + (N − n + ½) / (n + ½)), never negative. A term that no passage has counts as
 * the rarest, so that of a question of which only a small part is known nothing comes near the highest.
 */
export function inverted(passages: readonly Counted[], words: Lexicon): Inverted {
  const starts = new Uint32Array(words.size + 1);
  for (const { terms } of passages) for (const term of terms) starts[term + 1] = (starts[term + 1] ?? 0) + 1;
  for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const postings = new Uint32Array(starts[words.size] ?? 0);
  const counts = new Uint8Array(postings.length);
  const next = starts.slice();
  passages.forEach(({ terms, counts: own }, passage) => {
    for (let i = 0; i < terms.length; i++) {
      const term = terms[i] as number;
      const at = next[term] as number;
      next[term] = at + 1;
      postings[at] = passage;
      counts[at] = own[i] as number;
    }
  });
  const average = passages.reduce((sum, { length }) => sum + length, 0) / Math.max(1, passages.length);
  const saturation = Float64Array.from(passages, ({ length }) => K1 * (1 - B + (B * length) / Math.max(1, average)));
  const scores = new Float64Array(passages.length);
  const idf = (having: number) => Math.log(1 + (passages.length - having + 0.5) / (having + 0.5));
  const rarest = idf(0) * (K1 + 1);

  return {
    passages: passages.length,
    bytes: [starts, postings, counts, saturation, scores].reduce((sum, { byteLength }) => sum + byteLength, 0),
    score(terms) {
      scores.fill(0);
      let highest = 0;
      for (const [term, weight] of terms) {
        const number = words.find(term);
        const from = number === undefined ? 0 : (starts[number] as number);
        const to = number === undefined ? 0 : (starts[number + 1] ?? postings.length);
        const factor = (weight * idf(to - from) * (K1 + 1)) / rarest;
        highest += factor;
        for (let at = from; at < to; at++) {
          const passage = postings[at] as number;
          const count = counts[at] as number;
          scores[passage] = (scores[passage] as number) + (factor * count) / (count + (saturation[passage] as number));
        }
      }
      return { of: scores, highest };
    },
  };
}
