/** UTF-16 units of a text that are read; what follows says no more about what is wanted. */
export const LONGEST_TEXT = 1_000;
/** Tokens of a text that are read. */
export const MOST_TOKENS = 64;
/** Units of a word that make n-grams. */
const LONGEST_WORD = 14;

const PRIME = 0x01000193;
const BASIS = 0x811c9dc5;
const [WORD, GRAM, PAIR, NEXT, THREE] = [0, 0x1000193, 0x51ed27, 0x2c1b3c6d, 0x297a2d39].map(
  (salt) => BASIS ^ salt,
) as [number, number, number, number, number];
const BEFORE_ALL = 1;
const AFTER_ALL = 2;

const PIECE = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[[\p{L}\p{N}]--[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]]+/gv;

/** The rows of the embedding table that a text stands for. */
export interface Features {
  /** Rows of all tokens, one behind another. */
  readonly rows: Uint32Array;
  /** How many of them belong to each token; never empty. */
  readonly counts: Uint8Array;
}

/** At most 64 words, or single Chinese and Japanese characters; any digit is 0, apostrophes do not divide. */
export function tokens(text: string): readonly string[] {
  const plain = text.slice(0, LONGEST_TEXT).toWellFormed().normalize('NFKC').toLowerCase();
  return (plain.replace(/['’‘]/g, '').replace(/[0-9]/g, '0').match(PIECE) ?? []).slice(0, MOST_TOKENS);
}

/** What a text is to the net; the same rows as training/features.py gives. */
export function features(text: string, bits: number): Features {
  const words = tokens(text);
  const shift = 32 - bits;
  const rows: number[] = [];
  if (words.length === 0) return { rows: new Uint32Array(1), counts: new Uint8Array([1]) };
  const own = words.map((word) => hashOf(word, WORD));
  const counts = words.map((word, i) => {
    const taken = rows.length;
    const hash = own[i] as number;
    const before = own[i - 1] ?? BEFORE_ALL;
    rows.push(mix(hash) >>> shift, mix(step(step(PAIR, before), hash)) >>> shift);
    if (isIdeograph(word)) {
      const after = own[i + 1] ?? AFTER_ALL;
      rows.push(mix(step(step(NEXT, hash), after)) >>> shift);
      rows.push(mix(step(step(step(THREE, before), hash), after)) >>> shift);
    } else {
      pushGrams(word, rows, shift);
    }
    return rows.length - taken;
  });
  return { rows: Uint32Array.from(rows), counts: Uint8Array.from(counts) };
}

/** Character 3- to 5-grams of `<word>`. */
function pushGrams(word: string, rows: number[], shift: number): void {
  const length = Math.min(word.length, LONGEST_WORD) + 2;
  const unit = (i: number) => (i === 0 ? 0x3c : i === length - 1 ? 0x3e : word.charCodeAt(i - 1));
  for (let start = 0; start + 2 < length; start += 1) {
    let hash = step(step(GRAM, unit(start)), unit(start + 1));
    for (let end = start + 2; end < Math.min(start + 5, length); end += 1) {
      hash = step(hash, unit(end));
      rows.push(mix(hash) >>> shift);
    }
  }
}

function hashOf(word: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < word.length; i += 1) hash = step(hash, word.charCodeAt(i));
  return hash;
}

/** One step of FNV-1a. */
const step = (hash: number, value: number): number => Math.imul(hash ^ value, PRIME);

/** The finaliser of MurmurHash3: the low and high bits of FNV alone are too regular to take rows from. */
function mix(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function isIdeograph(word: string): boolean {
  const code = word.charCodeAt(0);
  return (
    word.length === 1 &&
    ((code >= 0x3040 && code <= 0x30ff) || (code >= 0x3400 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff))
  );
}
