import type { Stored } from '../log/log.ts';
import { isEnding } from '../runtime/place.ts';
import { found, type Finding } from './finding.ts';

/** I4: turns without an ending or with several, and endings of no turn. */
export function turnFindings(
  events: readonly Stored[],
  complete: boolean,
  openSince: Date | undefined,
): readonly Finding[] {
  const opened = openings(events);
  const ended = new Map<string, Stored>();
  const findings: Finding[] = [];
  for (const stored of events) {
    const { type, turn, data } = stored.envelope;
    if (!isEnding(type)) continue;
    const opening = turn === undefined ? undefined : opened.get(turn);
    const earlier = turn === undefined ? undefined : ended.get(turn);
    if (turn === undefined) findings.push(found(stored, 'I4', `a ${type} of no turn`));
    else if (earlier) {
      const message = `a second ending of turn ${turn}: ${type} after ${earlier.envelope.type} at ${earlier.position}`;
      findings.push(found(stored, 'I4', message));
    } else if (complete && (!opening || opening.position > stored.position)) {
      findings.push(found(stored, 'I4', `a ${type} of turn ${turn}, which was not opened before`));
    }
    if (turn !== undefined && !earlier) ended.set(turn, stored);
    if (type !== 'turn.superseded') continue;
    const { by } = data as { readonly by?: string };
    if (by === undefined || by === turn || !opened.has(by)) {
      findings.push(found(stored, 'I4', `turn ${turn ?? '?'} is superseded by a turn that is not in the session`));
    }
  }
  for (const [turn, opening] of opened) {
    if (ended.has(turn) || (openSince && new Date(opening.envelope.time) > openSince)) continue;
    findings.push(found(opening, 'I4', `turn ${turn} has no ending`));
  }
  return findings;
}

/** The event that opened each turn. Where an id came twice, long after the store had forgotten it, the first counts. */
export function openings(events: readonly Stored[]): ReadonlyMap<string, Stored> {
  const opened = new Map<string, Stored>();
  for (const stored of events) {
    const { id, turn } = stored.envelope;
    if (id === turn && !opened.has(id)) opened.set(id, stored);
  }
  return opened;
}
