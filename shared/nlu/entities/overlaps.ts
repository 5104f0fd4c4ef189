import { DIMENSIONS } from './builtin/dimensions.ts';
import type { Candidate, Origin } from './entity.ts';

/** A candidate with its place in the original text, in UTF-16 code units. */
export interface Placed<C extends Candidate = Candidate> {
  readonly candidate: C;
  readonly from: number;
  readonly to: number;
}

const ORIGINS: readonly Origin[] = ['word', 'pattern', 'builtin', 'learned'];

/**
 * Which of overlapping candidates are meant. The rules, in this order:
 *
 * 1. The longer stretch of the original text: 三天前 is a date, not a duration and a word.
 * 2. The bot's author before us, and both before a guess: word, pattern, built-in, learned.
 * 3. Of built-in ones the more telling dimension, in the order of `DIMENSIONS`.
 * 4. The earlier one.
 * 5. The name, the value, the role, the group: so that nothing is left to the order of candidates.
 *
 * What was chosen excludes whatever shares a character with it. The result is in the order of the text.
 */
export function withoutOverlaps<C extends Candidate>(candidates: readonly Placed<C>[]): readonly Placed<C>[] {
  const taken = new Set<number>();
  return candidates
    .filter(({ from, to }) => to > from)
    .sort(byPrecedence)
    .filter(({ from, to }) => {
      for (let at = from; at < to; at += 1) if (taken.has(at)) return false;
      for (let at = from; at < to; at += 1) taken.add(at);
      return true;
    })
    .sort((a, b) => a.from - b.from);
}

function byPrecedence(a: Placed, b: Placed): number {
  return (
    b.to - b.from - (a.to - a.from) ||
    ORIGINS.indexOf(a.candidate.origin) - ORIGINS.indexOf(b.candidate.origin) ||
    telling(a) - telling(b) ||
    a.from - b.from ||
    a.candidate.start - b.candidate.start ||
    byText(a.candidate, b.candidate, 'entity') ||
    byText(a.candidate, b.candidate, 'value') ||
    byText(a.candidate, b.candidate, 'normalised') ||
    byText(a.candidate, b.candidate, 'role') ||
    byText(a.candidate, b.candidate, 'group')
  );
}

const telling = ({ candidate: { dimension } }: Placed): number =>
  dimension === undefined ? 0 : DIMENSIONS.indexOf(dimension);

function byText(a: Candidate, b: Candidate, field: 'entity' | 'value' | 'normalised' | 'role' | 'group'): number {
  const [left, right] = [a[field] ?? '', b[field] ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
}
