import type { Stored } from '../log/log.ts';
import { found, type Finding } from './finding.ts';
import { openings } from './turns.ts';

export const isDecision = ({ envelope }: Stored): boolean => envelope.type.endsWith('.decided');

/** I3, I5 and I7: decisions made twice, out of order, or beside one another. */
export function decisionFindings(events: readonly Stored[]): readonly Finding[] {
  const opened = openings(events);
  const steps = new Map<string, Stored>();
  const bases = new Map<number, Stored>();
  let newest: Stored | undefined;
  const findings: Finding[] = [];
  for (const stored of events.filter(isDecision)) {
    const { envelope, position, previous } = stored;
    const { step } = envelope.data as { readonly step?: number };
    const about = envelope.turn ?? envelope.causation ?? '?';
    const key = `${about} ${step ?? '?'}`;
    const twin = steps.get(key);
    if (twin) {
      findings.push(found(stored, 'I3', `step ${step ?? '?'} of ${about} was decided at ${twin.position} already`));
    }
    steps.set(key, stored);

    const { basis } = envelope;
    if (basis === undefined) findings.push(found(stored, 'I7', 'a decision that does not say what it had read'));
    else {
      const rival = bases.get(basis);
      if (rival) findings.push(found(stored, 'I7', `the decision at ${rival.position} stands on basis ${basis} too`));
      else if (basis !== previous || basis >= position) {
        findings.push(found(stored, 'I7', `had read up to ${basis}, but follows ${previous}`));
      }
      bases.set(basis, stored);
    }

    const opening = envelope.turn && opened.get(envelope.turn);
    if (!opening) continue;
    if (newest && opening.position < newest.position) {
      const message = `turn ${opening.envelope.id} (position ${opening.position}) was decided after a later one (${newest.position})`;
      findings.push(found(stored, 'I5', message));
    } else newest = opening;
  }
  return findings;
}
