import { gramTable, type GramTable } from '../features/table.ts';
import { followed } from './hash.ts';
import type { Tokens } from './tokens.ts';

/**
 * Phrases that are known to be values: of the kinds of the training spans, and of the author's lists. A phrase is a
 * hash of its tokens; those that longer ones begin with are in the table, too, so that a search can stop early.
 */
export interface Gazetteer {
  readonly phrases: GramTable;
  /** Phrase p is in the lists `list[begin[p]]` up to `list[begin[p + 1]]`, so many times each. */
  readonly begin: Uint32Array;
  readonly list: Uint16Array;
  readonly times: Uint16Array;
  /** How often the phrase stands in the training texts at all, as a value or not. */
  readonly seen: Uint16Array;
}

/** A span by the numbers of its first and last token. */
export interface TokenSpan {
  readonly first: number;
  readonly last: number;
  readonly kind: number;
}

/** No value of a list is looked for beyond so many tokens. */
export const LONGEST_PHRASE = 12;
const MOST_TIMES = 0xffff;

/** A phrase in a list, once. */
export interface Listed {
  readonly tokens: readonly number[];
  readonly list: number;
}

/** Makes a gazetteer of phrases, and counts how often they stand in the texts that `each` reads. */
export function gazetteerOf(listed: readonly Listed[], each: (read: (tokens: Tokens) => void) => void): Gazetteer {
  const phrases = gramTable(listed.length * 2);
  const lists: Map<number, number>[] = [];
  for (const { tokens, list } of listed) {
    if (tokens.length === 0 || tokens.length > LONGEST_PHRASE) continue;
    let phrase = 0;
    for (const token of tokens) {
      phrase = followed(phrase, token);
      phrases.add(phrase >>> 0);
    }
    const number = phrases.add(phrase >>> 0);
    const counts = (lists[number] ??= new Map<number, number>());
    counts.set(list, Math.min(MOST_TIMES, (counts.get(list) ?? 0) + 1));
  }
  const begin = new Uint32Array(phrases.size + 1);
  const list: number[] = [];
  const times: number[] = [];
  for (let p = 0; p < phrases.size; p += 1) {
    for (const [which, count] of [...(lists[p] ?? [])].sort(([a], [b]) => a - b)) {
      list.push(which);
      times.push(count);
    }
    begin[p + 1] = list.length;
  }
  const seen = new Uint16Array(phrases.size);
  const gazetteer = { phrases, begin, list: Uint16Array.from(list), times: Uint16Array.from(times), seen };
  each((tokens) => {
    searchPhrases(gazetteer, tokens, (phrase) => {
      seen[phrase] = Math.min(MOST_TIMES, (seen[phrase] ?? 0) + 1);
    });
  });
  return gazetteer;
}

/** Tells every stretch of tokens that is a listed phrase, from left to right, shorter ones first. */
export function searchPhrases(
  { phrases, begin }: Gazetteer,
  tokens: Tokens,
  found: (phrase: number, first: number, last: number) => void,
): void {
  for (let first = 0; first < tokens.count; first += 1) {
    const end = Math.min(tokens.count, first + LONGEST_PHRASE);
    let phrase = 0;
    for (let last = first; last < end; last += 1) {
      phrase = followed(phrase, tokens.word[last] as number);
      const number = phrases.idOf(phrase >>> 0);
      if (number < 0) break;
      if ((begin[number] as number) < (begin[number + 1] as number)) found(number, first, last);
    }
  }
}
