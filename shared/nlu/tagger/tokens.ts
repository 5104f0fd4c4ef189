import { HAN, kindOf, WORD } from '../text/characters.ts';
import { simplified } from '../text/simplified.ts';
import { mixed } from './hash.ts';

/** Names and slots that far down are not looked for: the time to read must not grow with a customer's patience. */
export const MOST_READ = 2_000;
/** How many beginnings and as many endings of a word are told apart, from one letter on. */
export const AFFIXES = 4;

/**
 * The tokens of a text: words of scripts with spaces, single Chinese characters, single signs. Letters count as lower
 * case, half-width and simplified. Places are UTF-16 code units of the text as it came. Arrays are longer than `count`.
 */
export interface Tokens {
  count: number;
  start: Int32Array;
  end: Int32Array;
  /** Hash of the token. */
  word: Int32Array;
  /** Hash of the kinds of its characters: `Xx`, `dddd`, `Xd`. */
  shape: Int32Array;
  /** Hashes of the first one to four letters, and of the last, of words; 0 where the word is not longer. */
  prefix: Int32Array;
  suffix: Int32Array;
}

/** Room for tokens that is used again for each text. */
export function tokenRoom(): Tokens {
  const numbers = (each: number): Int32Array => new Int32Array(MOST_READ * each);
  return {
    count: 0,
    start: numbers(1),
    end: numbers(1),
    word: numbers(1),
    shape: numbers(1),
    prefix: numbers(AFFIXES),
    suffix: numbers(AFFIXES),
  };
}

/** Splits the first 2,000 code units of a text; any text, broken surrogates among them, has tokens. */
export function readTokens(text: string, into: Tokens): void {
  const length = Math.min(text.length, MOST_READ);
  into.count = 0;
  let at = 0;
  while (at < length) {
    const code = text.codePointAt(at) ?? 0;
    const kind = kindOf(code);
    const next = at + (code > 0xffff ? 2 : 1);
    if (kind === WORD) at = readWord(text, at, length, into);
    else if (kind === HAN) {
      addSingle(into, at, next, code > 0xffff ? code : folded(code), SHAPE_HAN);
      at = next;
    } else if (isGap(code)) at = next;
    else {
      // The genitive is a token of its own: a name ends before it.
      const genitive = isApostrophe(code) && (text.charCodeAt(next) | 0x20) === LETTER_S && !isWordAt(text, next + 1);
      addSingle(into, at, genitive ? next + 1 : next, genitive ? GENITIVE : folded(code), SHAPE_SIGN);
      at = genitive ? next + 1 : next;
    }
  }
}

const SHAPE_HAN = 11;
const SHAPE_SIGN = 13;
const UPPER = 1;
const LOWER = 2;
const DIGIT = 3;
const JOINT = 4;
const LETTER_S = 0x73;
const GENITIVE = 0x11_0000;
/** How many digits in a row a shape tells apart. */
const DIGITS_TOLD = 5;
const BASIS = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

const letters = new Int32Array(MOST_READ);

function readWord(text: string, from: number, length: number, into: Tokens): number {
  let at = from;
  let count = 0;
  let shape = BASIS;
  let last = 0;
  let run = 0;
  let word = BASIS;
  while (at < length) {
    const code = text.codePointAt(at) ?? 0;
    const kind = kindOf(code);
    const joint = kind !== WORD && isApostrophe(code) && isLetterAfter(text, at);
    if (kind !== WORD && !joint) break;
    const letter = code > 0xffff ? code : folded(code);
    const sort = joint ? JOINT : letter >= 0x30 && letter <= 0x39 ? DIGIT : letter === code ? LOWER : UPPER;
    run = sort === last ? run + 1 : 1;
    if (run === 1 || (sort === DIGIT && run <= DIGITS_TOLD)) shape = Math.imul(shape ^ sort, PRIME);
    last = sort;
    letters[count] = letter;
    count += 1;
    word = Math.imul(word ^ letter, PRIME);
    at += code > 0xffff ? 2 : 1;
  }
  const token = into.count;
  into.start[token] = from;
  into.end[token] = at;
  into.word[token] = mixed(word);
  into.shape[token] = shape;
  let prefix = BASIS;
  let suffix = BASIS;
  for (let i = 0; i < AFFIXES; i += 1) {
    prefix = Math.imul(prefix ^ (letters[i] ?? 0), PRIME);
    suffix = Math.imul(suffix ^ (letters[count - 1 - i] ?? 0), PRIME);
    into.prefix[token * AFFIXES + i] = i < count ? prefix : 0;
    into.suffix[token * AFFIXES + i] = i < count ? suffix : 0;
  }
  into.count = token + 1;
  return at;
}

function addSingle(into: Tokens, start: number, end: number, letter: number, shape: number): void {
  const token = into.count;
  into.start[token] = start;
  into.end[token] = end;
  into.word[token] = mixed(Math.imul(BASIS ^ letter, PRIME));
  into.shape[token] = shape;
  into.prefix.fill(0, token * AFFIXES, (token + 1) * AFFIXES);
  into.suffix.fill(0, token * AFFIXES, (token + 1) * AFFIXES);
  into.count = token + 1;
}

/** Spaces and control characters, which belong to nothing. */
function isGap(code: number): boolean {
  return code <= 0x20 || (code >= 0x7f && code <= 0xa0) || code === 0x3000 || (code >= 0x2000 && code <= 0x200d);
}

function isApostrophe(code: number): boolean {
  return code === 0x27 || code === 0x2019;
}

function isWordAt(text: string, at: number): boolean {
  return at < text.length && kindOf(text.codePointAt(at) ?? 0) === WORD;
}

/** An apostrophe inside of a word (`don't`, `o'neill`), which is not that of a genitive. */
function isLetterAfter(text: string, at: number): boolean {
  if (!isWordAt(text, at + 1)) return false;
  return (text.charCodeAt(at + 1) | 0x20) !== LETTER_S || isWordAt(text, at + 2);
}

/** Plain forms of the codes up to U+FFFF, filled as they are met. */
const plain = new Uint16Array(0x1_0000);

/** Half-width, simplified, lower case, where that is one code unit. */
function folded(code: number): number {
  const known = plain[code] ?? 0;
  return known === 0 ? (plain[code] = foldedAnew(code)) : known;
}

function foldedAnew(code: number): number {
  if (code >= 0xd800 && code <= 0xdfff) return code;
  const character = String.fromCharCode(code);
  const form = simplified(character.normalize('NFKC')).toLowerCase();
  return form.length === 1 ? form.charCodeAt(0) : code;
}
