/** A text in NFKC, and in lower case of the same length, that knows where in the original each of its parts stands. */
export interface Normalised {
  readonly text: string;
  readonly lower: string;
  /** The piece of the original that a stretch of the normalised text comes from, as whole characters. */
  readonly origin: (start: number, end: number) => { readonly start: number; readonly end: number };
}

/**
 * Characters that are normalised together: a letter with its marks (half-width kana have marks of their own), or the
 * parts of a Korean syllable. So many marks belong to no language, and sorting more of them would take its time.
 */
const PIECE = /[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|\P{M}[\p{M}\uff9e\uff9f]{0,16}|\p{M}{1,16}/gu;
const PLAIN = /^[\u0020-\u007e\u3002\u4e00-\u9fff]*$/;

/** Normalises a text piece by piece, so that places in it can be traced back. */
export function normalise(original: string): Normalised {
  if (PLAIN.test(original)) {
    return { text: original, lower: original.toLowerCase(), origin: (start, end) => ({ start, end }) };
  }
  let text = '';
  let lower = '';
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { 0: piece, index } of original.matchAll(PIECE)) {
    const normal = piece.normalize('NFKC');
    const small = normal.toLowerCase();
    text += normal;
    lower += small.length === normal.length ? small : normal;
    for (let i = 0; i < normal.length; i += 1) {
      starts.push(index);
      ends.push(index + piece.length);
    }
  }
  return {
    text,
    lower,
    origin: (start, end) => ({ start: starts[start] ?? original.length, end: ends[end - 1] ?? 0 }),
  };
}
