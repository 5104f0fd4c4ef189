import type { Chain } from './chain.ts';
import { continues, labelCount, OUTSIDE, type Kind } from './labels.ts';
import { marginalRoom, spanChance, sumUp } from './marginals.ts';
import { FIRST_ROW, rowsOf, scoreLabels, type Emissions } from './scores.ts';
import { bestPath, pathRoom } from './path.ts';
import { readTokens, tokenRoom, MOST_READ } from './tokens.ts';
import { readUnits, unitRoom, type Lexicon } from './units.ts';

/** A span that a tagger takes for an entity. Places count UTF-16 code units of the text. */
export interface Span {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  /** How likely exactly this span and kind are. */
  readonly confidence: number;
}

/** What a tagger knows. */
export interface TaggerModel {
  readonly kinds: readonly Kind[];
  readonly lexicon: Lexicon;
  readonly emissions: Emissions;
  readonly chain: Chain;
}

/** A label that far below the best of its token changes nothing (measured on the training half of SNIPS). */
const REACH = 9;

/** Finds spans, in rooms of its own: one text at a time. */
export function spanFinder({ kinds, lexicon, emissions, chain }: TaggerModel): (text: string) => readonly Span[] {
  const tokens = tokenRoom();
  const units = unitRoom();
  const labels = labelCount(kinds.length);
  const path = pathRoom(kinds.length);
  const sums = marginalRoom(chain);
  const best = new Uint16Array(MOST_READ);
  let scores = new Float32Array(rowsOf(64) * labels);
  return (text) => {
    readTokens(text, tokens);
    const { count } = tokens;
    if (count === 0) return [];
    readUnits(tokens, lexicon, units);
    if (scores.length < rowsOf(count) * labels) scores = new Float32Array(rowsOf(count) * labels);
    scoreLabels(emissions, units, count, kinds.length, scores);
    bestPath(chain, scores, FIRST_ROW * labels, count, path, best, REACH);
    let first = 0;
    while (first < count && best[first] === OUTSIDE) first += 1;
    if (first === count) return [];
    sumUp(sums, chain, scores, FIRST_ROW * labels, count, REACH);
    const spans: Span[] = [];
    while (first < count) {
      if (best[first] === OUTSIDE) {
        first += 1;
        continue;
      }
      const kind = ((best[first] as number) - 1) >> 1;
      let last = first;
      while (last + 1 < count && best[last + 1] === continues(kind)) last += 1;
      spans.push({
        kind: kinds[kind] as Kind,
        start: tokens.start[first] as number,
        end: tokens.end[last] as number,
        confidence: spanChance(sums, kinds.length, kind, first, last, count),
      });
      first = last + 1;
    }
    return spans;
  };
}
