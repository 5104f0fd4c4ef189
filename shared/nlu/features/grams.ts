import { ANY_NUMBER } from '../text/plain.ts';
import { HAN, kindOf, WORD } from '../text/characters.ts';

/** What a gram is of. Each kind is weighed and brought to unit length by itself. */
export const WORDS = 0;
export const PARTS = 1;
export const PAIRS = 2;
/** Parts of a run of Chinese: `vectors.ts` says why they are a kind of their own. */
export const HAN_PARTS = 3;
/** The kind of a gram stands in its two lowest bits. */
export const KINDS = 4;
export const kindOfGram = (gram: number): number => gram & 3;

/** A text taken apart: 32-bit hashes, as often as they occur. Only the first `length` count; the rest is an older text. */
export interface Grams {
  readonly hashes: Uint32Array;
  readonly length: number;
}

/** Where grams are written to. */
export interface GramBuffer extends Grams {
  length: number;
}

/** Room for 2,000 characters of any script; what goes beyond is not read. */
export const MOST_GRAMS = 16_384;
const LONGEST_PART = 4;
/** How far apart the words of a pair may stand. Beyond eight, nothing is won (cross-validation on BANKING77 and HWU64). */
const PAIR_REACH = 8;
const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
const GOLDEN = 0x9e3779b1 | 0;
const SPACE = 0x20;
/** What stands before the first and behind the last word: "yes" and "不" mean most when nothing else is said. */
const BEFORE = 1;
const BEHIND = 2;

/** An empty buffer to be used again and again: taking a text apart makes no garbage. */
export function gramBuffer(): GramBuffer {
  return { hashes: new Uint32Array(MOST_GRAMS), length: 0 };
}

/**
 * Takes a plain text (`plainText`) apart, in one pass and without a string for any gram:
 * - words and pairs of neighbours, with the ends of the text as neighbours; each Chinese character is a word of its own;
 * - parts of 1 to 4 characters within words, which forgive slips of the finger; within a run of Chinese, which has no
 *   spaces, 2 to 4, so that words of Chinese are found without a dictionary;
 * - pairs of words up to eight apart, in either order.
 *
 * The hashes are FNV-1a over UTF-16 units, stirred by the finaliser of MurmurHash3.
 */
export function readGrams(plain: string, into: GramBuffer): void {
  const { hashes } = into;
  const recent = new Int32Array(PAIR_REACH);
  let length = 0;
  let words = 0;
  let previous = BEFORE;
  const add = (hash: number, kind: number): void => {
    if (length < MOST_GRAMS) hashes[length++] = ((stirred(hash) & ~3) | kind) >>> 0;
  };
  const addWord = (hash: number): void => {
    add(hash, WORDS);
    add(Math.imul(previous, GOLDEN) ^ hash, WORDS);
    for (let back = Math.max(0, words - PAIR_REACH); back < words; back += 1) {
      const other = recent[back % PAIR_REACH] ?? 0;
      const [low, high] = other < hash ? [other, hash] : [hash, other];
      add(Math.imul(Math.imul(low, GOLDEN) ^ high, 37), PAIRS);
    }
    recent[words % PAIR_REACH] = hash;
    words += 1;
    previous = hash;
  };
  /** All parts of the units from `start` to `end`; what lies outside of `inner` counts as a space. */
  const addParts = (start: number, end: number, innerStart: number, innerEnd: number, kind: number): void => {
    const shortest = kind === HAN_PARTS ? 2 : 1;
    for (let from = start; from < end; from += 1) {
      let hash = FNV_OFFSET;
      const to = Math.min(end, from + LONGEST_PART);
      for (let at = from; at < to; at += 1) {
        const code = at < innerStart || at >= innerEnd ? SPACE : plain.charCodeAt(at);
        hash = Math.imul(hash ^ code, FNV_PRIME);
        const size = at - from + 1;
        if (size >= shortest && (size > 1 || code !== SPACE)) add(hash, kind);
      }
    }
  };

  let at = 0;
  while (at < plain.length && length < MOST_GRAMS) {
    const start = at;
    let hash = FNV_OFFSET;
    let kind = 0;
    while (at < plain.length) {
      const code = plain.codePointAt(at) ?? 0;
      const here = kindOf(code);
      if (kind === 0) kind = here;
      if (here !== kind || (here !== WORD && here !== HAN)) break;
      if (here === HAN) addWord(Math.imul(FNV_OFFSET ^ code, FNV_PRIME));
      else hash = Math.imul(hash ^ code, FNV_PRIME);
      at += code > 0xffff ? 2 : 1;
    }
    if (kind === HAN) addParts(start, at, start, at, HAN_PARTS);
    else if (kind === WORD) {
      addWord(hash);
      if (at - start !== ANY_NUMBER.length || !plain.startsWith(ANY_NUMBER, start)) {
        addParts(start - 1, at + 1, start, at, PARTS);
      }
    } else at += 1;
  }
  if (words > 0) add(Math.imul(previous, GOLDEN) ^ BEHIND, WORDS);
  into.length = length;
}

/** The finaliser of MurmurHash3: every bit depends on every other. */
function stirred(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
