import type { Bot, EntityRule } from '../../bot/bot.ts';
import { compilePattern } from '../../bot/pattern.ts';
import type { Candidate } from './entity.ts';
import { normalise, type Normalised } from './normalised.ts';
import { spokenIn } from './spoken.ts';
import { wordFinder } from './words.ts';

/**
 * Finds what a bot's own patterns, lookups and synonyms describe. Patterns find also what was said aloud, letter by
 * letter and digit by digit, and then have it as it would be written.
 */
export function ruleFinder(entities: Bot['entities']): (text: Normalised) => readonly Candidate[] {
  const patterns = entities.flatMap(({ name, patterns: sources, words }: EntityRule) => {
    const canonical = new Map(words.map(({ word, value }) => [normalise(word).lower, value]));
    return sources.map((source) => ({ entity: name, expression: compilePattern(source), canonical }));
  });
  const findWords = wordFinder(
    entities.flatMap(({ name, words }) => words.map(({ word, value }) => ({ word, item: { entity: name, value } }))),
  );
  return (normal) => {
    const byPattern = patterns.flatMap(({ entity, expression, canonical }) =>
      Array.from(normal.text.matchAll(expression), (match): Candidate => {
        const [start, end] = match.indices?.[1] ?? [match.index, match.index + match[0].length];
        const value = canonical.get(normal.lower.slice(start, end)) ?? normal.text.slice(start, end);
        return { entity, value, start, end, origin: 'pattern' };
      }),
    );
    const bySpeech = spokenIn(normal).flatMap(({ written, origin }) =>
      patterns.flatMap(({ entity, expression, canonical }) =>
        Array.from(written.matchAll(expression), (match): Candidate => {
          const [from, to] = match.indices?.[1] ?? [match.index, match.index + match[0].length];
          const value = written.slice(from, to);
          return { entity, value: canonical.get(value.toLowerCase()) ?? value, ...origin(from, to), origin: 'pattern' };
        }),
      ),
    );
    const byWord = findWords(normal.lower).map(({ item, start, end }): Candidate => ({
      ...item,
      start,
      end,
      origin: 'word',
    }));
    // What was written as a pattern wants it stays as it was written.
    const isWritten = ({ entity, start, end }: Candidate) =>
      byPattern.some((other) => other.entity === entity && other.start === start && other.end === end);
    return [...byPattern, ...bySpeech.filter((said) => !isWritten(said)), ...byWord];
  };
}
