import type { Stored } from '../log/log.ts';
import { found, type Finding } from './finding.ts';

/** What may stand in a log without a cause. */
const FROM_OUTSIDE = new Set([
  'session.opened',
  'session.resumed',
  'session.archived',
  'utterance.received',
  'control.requested',
  'agent.replied',
  'call.started',
]);

/** I2: events whose cause is not in the session before them. */
export function originFindings(events: readonly Stored[], complete: boolean): readonly Finding[] {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const stored of events) {
    const { id, type, causation } = stored.envelope;
    if (causation === undefined) {
      if (!FROM_OUTSIDE.has(type)) findings.push(found(stored, 'I2', `a ${type} without a cause`));
    } else if (!seen.has(causation) && complete) {
      findings.push(found(stored, 'I2', `a ${type} whose cause ${causation} does not stand before it`));
    }
    seen.add(id);
  }
  return findings;
}
