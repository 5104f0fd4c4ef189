import { EN_NUMBER_WORDS, readEnNumeral } from './builtin/numerals-en.ts';
import { readZhNumeral, ZH_DIGIT } from './builtin/numerals-zh.ts';
import type { Normalised } from './normalised.ts';

/** Something that was said letter by letter and digit by digit, as it would be written. */
export interface Spoken {
  /** In capitals, without gaps. */
  readonly written: string;
  /** Whether it is nothing but single digits and letters, three at least, and repetitions of them. */
  readonly singly: boolean;
  /** Where in the text a stretch of it was said. */
  readonly origin: (start: number, end: number) => { readonly start: number; readonly end: number };
}

const TOKEN = new RegExp(`[a-z]+|\\d+|[${ZH_DIGIT}杠]`, 'gu');
/** What stands between the letters and digits of one code. */
const GAP = /^(?:[ -]|[,.、，] ?)?$/u;
/** Maps: a customer may say `constructor`. */
const REPEATS: ReadonlyMap<string, number> = new Map([
  ['double', 2],
  ['triple', 3],
  ['treble', 3],
]);
const SIGNS: ReadonlyMap<string, string> = new Map([
  ['dash', '-'],
  ['hyphen', '-'],
  ['杠', '-'],
]);
const TENS = /^(?:twent|thirt|fou?rt|fift|sixt|sevent|eight|nine?t)y$/u;
const UNIT = /^(?:one|two|three|four|five|six|seven|eight|nine)$/u;
/** These are words before they are letters. */
const WORDS = new Set(['a', 'i', 'o']);
const SHORTEST = 3;

type Kind = 'spoken' | 'letter' | 'digits';
interface Token {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly written: string;
  readonly kind: Kind;
}

/**
 * The codes of a text that were said aloud: `t s one double two`, `TS 幺二三`, `four 7 one 1`. Digits that were written
 * in groups are joined only beside something said: two numbers side by side are two numbers.
 */
export function spokenIn({ text, lower }: Normalised): readonly Spoken[] {
  const tokens = Array.from(lower.matchAll(TOKEN), ({ 0: said, index }): Token => ({
    start: index,
    end: index + said.length,
    text: said,
  }));
  const found: Spoken[] = [];
  const may = tokens.map((token) => canBePiece(token, text));
  for (let at = 0; at < tokens.length;) {
    // A code has two pieces or more, and most words are none.
    if (!may[at] || !may[at + 1]) {
      at += 1;
      continue;
    }
    const run: Piece[] = [];
    let next = at;
    while (next < tokens.length) {
      const before = tokens[next - 1];
      if (run.length > 0 && before && !GAP.test(lower.slice(before.end, tokens[next]?.start))) break;
      const read = pieceAt(tokens, next, run, text);
      if (!read) break;
      run.push(read.piece);
      next += read.taken;
    }
    found.push(...readings(run));
    at = Math.max(next, at + 1);
  }
  return found;
}

/** Whether a word can be in a code at all, by a quick look. */
function canBePiece(token: Token, text: string): boolean {
  const { text: said } = token;
  if (said.length === 1 || !/^[a-z]/u.test(said)) return true;
  return EN_NUMBER_WORDS.has(said) || SIGNS.has(said) || abbreviation(token, text) !== undefined;
}

function pieceAt(
  tokens: readonly Token[],
  at: number,
  before: readonly Piece[],
  text: string,
): { readonly piece: Piece; readonly taken: number } | undefined {
  const token = tokens[at];
  const following = tokens[at + 1];
  if (!token) return undefined;
  const { start, text: said } = token;
  const times = REPEATS.get(said);
  if (times !== undefined) {
    const one = following && single(following, before);
    if (!one || one.written.length !== 1) return undefined;
    return { piece: { ...one, start, written: one.written.repeat(times), kind: 'spoken' }, taken: 2 };
  }
  if (TENS.test(said) && following && UNIT.test(following.text)) {
    const written = numeral(`${said} ${following.text}`);
    return written === undefined
      ? undefined
      : { piece: { start, end: following.end, written, kind: 'spoken' }, taken: 2 };
  }
  const one = single(token, before) ?? abbreviation(token, text);
  return one && { piece: one, taken: 1 };
}

/** A digit, a number below a hundred, a letter or a sign. */
function single({ start, end, text: said }: Token, before: readonly Piece[]): Piece | undefined {
  if (/^\d/u.test(said)) return { start, end, written: said, kind: 'digits' };
  const sign = SIGNS.get(said);
  if (sign !== undefined) return before.length === 0 ? undefined : { start, end, written: sign, kind: 'letter' };
  if (said === 'o' && before.at(-1)?.kind !== 'letter' && before.length > 0) {
    return { start, end, written: '0', kind: 'spoken' };
  }
  if (/^[a-z]$/u.test(said)) return { start, end, written: said.toUpperCase(), kind: 'letter' };
  const written = numeral(said);
  return written === undefined ? undefined : { start, end, written, kind: 'spoken' };
}

/** TS, or ts, which cannot be a word. */
function abbreviation({ start, end, text: said }: Token, text: string): Piece | undefined {
  if (said.length > 4) return undefined;
  const isOne = text.slice(start, end) === said.toUpperCase() || /^[b-df-hj-np-tv-xz]{2,3}$/u.test(said);
  return isOne ? { start, end, written: said.toUpperCase(), kind: 'letter' } : undefined;
}

function numeral(said: string): string | undefined {
  const read = /[a-z]/u.test(said) ? readEnNumeral(said) : readZhNumeral(said);
  if (!read || read.value.scale > 0 || read.value.digits > 99n) return undefined;
  return read.spelled ?? String(read.value.digits);
}

function readings(run: readonly Piece[]): readonly Spoken[] {
  const [first] = run;
  const isWord = first?.kind === 'letter' && WORDS.has(first.written.toLowerCase());
  return [run, ...(isWord ? [run.slice(1)] : [])].flatMap((pieces) => {
    const written = pieces.map((piece) => piece.written).join('');
    if (pieces.length < 2 || written.length < SHORTEST || !belongs(pieces)) return [];
    const from = pieces.flatMap((piece) => Array.from(piece.written, () => piece));
    return [
      {
        written,
        singly: pieces.length >= SHORTEST && pieces.every((piece) => /^(.)\1{0,2}$/u.test(piece.written)),
        origin: (start: number, end: number) => ({ start: from[start]?.start ?? 0, end: from[end - 1]?.end ?? 0 }),
      },
    ];
  });
}

const belongs = (pieces: readonly Piece[]): boolean =>
  pieces.some(({ kind }) => kind === 'spoken' || kind === 'letter') ||
  pieces.every(({ written }) => written.length === 1);
