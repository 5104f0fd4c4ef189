import { hash } from 'node:crypto';
import type { Stored } from '../../shared/log/log.ts';
import { isEnding } from '../../shared/runtime/place.ts';
import { openings } from '../../shared/verify/turns.ts';

/**
 * What came of each turn, in the order in which the turns were opened: what was decided, how it ended and what the
 * customer was told. Without ids, positions and times, so that two runs of one conversation can be compared.
 */
export function transcriptOf(events: readonly Stored[]): readonly string[] {
  const of = (turn: string) => events.filter(({ envelope }) => envelope.turn === turn);
  return [...openings(events).keys()].map((turn) => {
    const acts = of(turn)
      .filter(({ envelope }) => envelope.type === 'policy.decided')
      .map(({ envelope }) => (envelope.data as { readonly act: unknown }).act);
    const ends = of(turn)
      .filter(({ envelope }) => isEnding(envelope.type))
      .map(({ envelope }) => [envelope.type, envelope.data]);
    const closed = of(turn).filter(({ envelope }) => envelope.type === 'session.closed').length > 0;
    return JSON.stringify({ acts, ends, closed });
  });
}

/** One number for a whole conversation. */
export const transcriptHash = (events: readonly Stored[]): string =>
  hash('sha256', transcriptOf(events).join('\n')).slice(0, 16);
