import type { Bot } from '../../shared/bot/bot.ts';
import { compilePattern } from '../../shared/bot/pattern.ts';
import type { Entity, EntityExtractor } from './extractor.ts';
import { normalise, type Normalised } from './normalised.ts';
import { wordFinder } from './words.ts';

/** Nobody means more, and an event has room for no more. */
const MOST = 20;
/** What comes after is not searched, so that the time it takes has a bound. */
const READ = 10_000;

/** Where a candidate stands in the normalised text. */
interface Candidate {
  readonly entity: string;
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/** Finds what a bot's patterns, lookups and synonyms describe. */
export function patternExtractor(bot: Bot): EntityExtractor {
  const patterns = bot.entities.flatMap(({ name, patterns: sources, words }) => {
    const canonical = new Map(words.map(({ word, value }) => [normalise(word).lower, value]));
    return sources.map((source) => ({ entity: name, expression: compilePattern(source), canonical }));
  });
  const findWords = wordFinder(
    bot.entities.flatMap(({ name, words }) =>
      words.map(({ word, value }) => ({ word, item: { entity: name, value } })),
    ),
  );

  const extract = (original: string): readonly Entity[] => {
    const normal = normalise(original.slice(0, READ));
    const byPattern = patterns.flatMap(({ entity, expression, canonical }) =>
      Array.from(normal.text.matchAll(expression), (match): Candidate => {
        const [start, end] = match.indices?.[1] ?? [match.index, match.index + match[0].length];
        const value = canonical.get(normal.lower.slice(start, end)) ?? normal.text.slice(start, end);
        return { entity, value, start, end };
      }),
    );
    const byWord = findWords(normal.lower).map(({ item, start, end }): Candidate => ({ ...item, start, end }));
    return withoutOverlaps([...byPattern, ...byWord], normal).slice(0, MOST);
  };
  return { model: `patterns@${bot.hash.slice(0, 12)}`, extract };
}

/**
 * The longest first, then the earliest; of what is left, nothing overlaps, in the order of the text. Counted in the
 * original, where two stretches may share a character that they did not share normalised.
 */
function withoutOverlaps(candidates: readonly Candidate[], normal: Normalised): readonly Entity[] {
  const taken = new Set<number>();
  return candidates
    .filter(({ start, end }) => end > start)
    .sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start)
    .flatMap(({ entity, value, start, end }): readonly Entity[] => {
      const place = normal.origin(start, end);
      for (let at = place.start; at < place.end; at += 1) if (taken.has(at)) return [];
      for (let at = place.start; at < place.end; at += 1) taken.add(at);
      return [{ entity, value, ...place }];
    })
    .sort((a, b) => a.start - b.start);
}
