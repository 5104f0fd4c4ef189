import type { Stored } from '../log/log.ts';
import { found, type Finding } from './finding.ts';

/** Whether nothing was purged in front of these events. */
export const hasBeginning = ([first]: readonly Stored[]): boolean => first?.previous === 0;

/** What a session may begin with once its first part has left for the archive. */
const AFTER_ARCHIVE = new Set(['session.archived', 'session.resumed']);

/** Events that do not follow from the one before, and events of somebody else. */
export function chainFindings(events: readonly Stored[]): readonly Finding[] {
  const [first] = events;
  if (!first) return [];
  const { tenant, session, type } = first.envelope;
  const findings: Finding[] = [];
  if (first.previous !== 0 && !AFTER_ARCHIVE.has(type)) {
    const message = `the session begins with a ${type} that follows position ${first.previous}, where nothing is`;
    findings.push(found(first, 'chain-unbroken', message));
  }
  for (const [i, stored] of events.entries()) {
    const before = events[i - 1];
    if (before && stored.position <= before.position) {
      findings.push(found(stored, 'chain-unbroken', `stands after position ${before.position}`));
    } else if (before && stored.previous !== before.position) {
      const message = `names position ${stored.previous} as its predecessor, which is ${before.position}`;
      findings.push(found(stored, 'chain-unbroken', message));
    }
    const { envelope } = stored;
    if (envelope.tenant !== tenant || envelope.session !== session) {
      findings.push(found(stored, 'I8', 'belongs to another session or tenant than the event that opened this one'));
    }
  }
  return findings;
}
