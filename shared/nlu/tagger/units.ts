import type { GramTable } from '../features/table.ts';
import { searchPhrases, type Gazetteer, type TokenSpan } from './gazetteer.ts';
import { followed, mixed } from './hash.ts';
import { AFFIXES, type Tokens } from './tokens.ts';

/** What is known about words before a text is read. */
export interface Lexicon {
  /** Words met at least twice; all others count as one and the same. */
  readonly words: GramTable;
  /** The cluster of each of them. */
  readonly clusters: Uint8Array;
  readonly gazetteer: Gazetteer;
  /** How many of the gazetteer's lists are kinds of spans met in training; the rest are the author's. */
  readonly learnt: number;
}

/** How far from itself a sort of unit speaks: token = place + offset, `low` to `high`. */
export interface Window {
  readonly low: number;
  readonly high: number;
}

/** No unit speaks further than that. */
export const FURTHEST = 3;
/** The place of units that speak of the whole text. */
export const WHOLE = -2;

/** The sorts of units and where they speak. */
export const WINDOWS: readonly Window[] = [
  { low: -3, high: 3 }, // WORD
  { low: -1, high: 2 }, // PAIR: of the tokens place, place + 1
  { low: -1, high: 3 }, // TRIPLE: place to place + 2
  { low: -1, high: 1 }, // SHAPE
  { low: 0, high: 1 }, // SHAPES
  { low: -1, high: 1 }, // PREFIX
  { low: -1, high: 1 }, // SUFFIX
  { low: -2, high: 2 }, // CLUSTER
  { low: -1, high: 2 }, // CLUSTERS
  { low: -1, high: 1 }, // LISTED
  { low: 0, high: 0 }, // AROUND
  { low: 0, high: 0 }, // ANYWHERE
  { low: 0, high: 0 }, // LISTED_AFTER
];
const WORD = 0;
const PAIR = 1;
const TRIPLE = 2;
const SHAPE = 3;
const SHAPES = 4;
const PREFIX = 5;
const SUFFIX = 6;
const CLUSTER = 7;
const CLUSTERS = 8;
const LISTED = 9;
const AROUND = 10;
const ANYWHERE = 11;
const LISTED_AFTER = 12;

/** The units of a text: what stands where. Used again for each text; arrays are longer than `count`. */
export interface Units {
  count: number;
  key: Uint32Array;
  /** Token; -1 before the first, the count of tokens after the last; `WHOLE`. */
  place: Int16Array;
  sort: Uint8Array;
}

/** Room for units, which grows. */
export function unitRoom(): Units {
  return { count: 0, key: new Uint32Array(4_096), place: new Int16Array(4_096), sort: new Uint8Array(4_096) };
}

const UNKNOWN = 0x5bd1e995;
const EDGE = 0x27d4eb2f;

/**
 * Fills in the units of a text. In training, `own` are the text's own spans: a phrase that is listed only because of
 * them is not listed, since the values of a text to come are not.
 */
export function readUnits(tokens: Tokens, lexicon: Lexicon, into: Units, own: readonly TokenSpan[] = []): void {
  const { count, word, shape, prefix, suffix } = tokens;
  const { words, clusters } = lexicon;
  into.count = 0;
  if (into.key.length < (count + 3) * MOST_EACH) grow(into, (count + 3) * MOST_EACH);
  add(into, WORD, -1, EDGE);
  add(into, WORD, count, EDGE);
  let before = EDGE;
  let clusterBefore = 0;
  let shapeBefore = EDGE;
  for (let i = 0; i < count; i += 1) {
    const token = word[i] as number;
    const known = words.idOf(token >>> 0);
    add(into, WORD, i, known < 0 ? UNKNOWN : token);
    if (known >= 0) add(into, ANYWHERE, WHOLE, token);
    const form = shape[i] as number;
    add(into, SHAPE, i, form);
    add(into, SHAPES, i, followed(shapeBefore, form));
    shapeBefore = form;
    const cluster = known < 0 ? 0 : (clusters[known] as number);
    add(into, CLUSTER, i, cluster);
    if (i > 0) add(into, CLUSTERS, i - 1, followed(clusterBefore, cluster));
    clusterBefore = cluster;
    const next = i + 1 < count ? (word[i + 1] as number) : EDGE;
    const pair = followed(before, token);
    add(into, PAIR, i - 1, pair);
    if (i + 1 === count) add(into, PAIR, i, followed(token, EDGE));
    if (i > 0 || count > 1) add(into, TRIPLE, i - 1, followed(pair, next));
    add(into, AROUND, i, followed(before, next));
    before = token;
    for (let a = 0; a < AFFIXES; a += 1) {
      const beginning = prefix[i * AFFIXES + a] as number;
      if (beginning === 0) break;
      add(into, PREFIX, i, beginning + a);
      add(into, SUFFIX, i, (suffix[i * AFFIXES + a] as number) + a);
    }
  }
  addListed(tokens, lexicon, into, own);
}

/** Units of a token at most, those of listed phrases aside. */
const MOST_EACH = 24;
const SURE = 0.8;
const DOUBTFUL = 0.3;

function addListed(tokens: Tokens, lexicon: Lexicon, into: Units, own: readonly TokenSpan[]): void {
  const { gazetteer, learnt } = lexicon;
  const { begin, list, times, seen } = gazetteer;
  searchPhrases(gazetteer, tokens, (phrase, first, last) => {
    for (let l = begin[phrase] as number; l < (begin[phrase + 1] as number); l += 1) {
      const which = list[l] as number;
      let sure = 3;
      if (which < learnt) {
        const itself = own.some((span) => span.first === first && span.last === last && span.kind === which) ? 1 : 0;
        const here = itself;
        const others = (times[l] as number) - itself;
        if (others <= 0) continue;
        const share = others / Math.max(1, (seen[phrase] as number) - here);
        sure = share > SURE ? 2 : share > DOUBTFUL ? 1 : 0;
      }
      const name = which * 4 + sure;
      if (into.count + (last - first + 2) > into.key.length) grow(into, into.key.length * 2);
      for (let i = first; i <= last; i += 1) {
        const part = first === last ? 3 : i === first ? 0 : i === last ? 2 : 1;
        add(into, LISTED, i, name * 4 + part);
      }
      const before = first === 0 ? EDGE : (tokens.word[first - 1] as number);
      add(into, LISTED_AFTER, first, followed(before, name));
    }
  });
}

function add(into: Units, sort: number, place: number, content: number): void {
  const at = into.count;
  into.key[at] = mixed(Math.imul(content, 0x9e3779b1) ^ Math.imul(sort + 1, 0x85ebca6b));
  into.place[at] = place;
  into.sort[at] = sort;
  into.count = at + 1;
}

function grow(into: Units, room: number): void {
  const key = new Uint32Array(room);
  const place = new Int16Array(room);
  const sort = new Uint8Array(room);
  key.set(into.key);
  place.set(into.place);
  sort.set(into.sort);
  Object.assign(into, { key, place, sort });
}
