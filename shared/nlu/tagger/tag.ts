import type { Chain } from './chain.ts';
import { labelCount, type Kind } from './labels.ts';
import { spanSearch, type Beam } from './lattice.ts';
import { FIRST_ROW, rowsOf, scoreLabels, type Emissions } from './scores.ts';
import { readTokens, tokenRoom } from './tokens.ts';
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
  readonly beam: Beam;
}

/** Finds spans, in rooms of its own: one text at a time. */
export function spanFinder({ kinds, lexicon, emissions, chain, beam }: TaggerModel): (text: string) => readonly Span[] {
  const tokens = tokenRoom();
  const units = unitRoom();
  const labels = labelCount(kinds.length);
  const search = spanSearch(chain, beam);
  let scores = new Float32Array(rowsOf(64) * labels);
  return (text) => {
    readTokens(text, tokens);
    const { count } = tokens;
    if (count === 0) return [];
    readUnits(tokens, lexicon, units);
    if (scores.length < rowsOf(count) * labels) scores = new Float32Array(rowsOf(count) * labels);
    scoreLabels(emissions, units, count, kinds.length, scores);
    return search(scores, FIRST_ROW * labels, count).map(({ kind, first, last, chance }) => ({
      kind: kinds[kind] as Kind,
      start: tokens.start[first] as number,
      end: tokens.end[last] as number,
      confidence: chance,
    }));
  };
}
