import type { SessionId, TenantId } from '../../events/envelope.ts';
import type { Stored } from '../log/log.ts';

/** The rules of ARCHITECTURE.md that can be checked from a session's events alone, and two that come before them. */
export const RULES = {
  'chain-unbroken': 'every event names the position of its predecessor',
  readable: 'every event can be read by this build',
  I2: 'every event traces to something that came from outside',
  I3: 'at most one decision for each turn and step',
  I4: 'every turn has exactly one ending',
  I5: 'turns are decided in the order of the log',
  I6: 'folding the events again gives the stored state',
  I7: 'no two decisions stand on the same basis',
  I8: 'a session holds the events of one tenant only',
} as const;
export type Rule = keyof typeof RULES;

/** Something that should not be in a log, and where it stands. Never carries customer content. */
export interface Finding {
  readonly rule: Rule;
  /** `unchecked`: the rule may hold, but this build cannot tell; `violated`: it does not. */
  readonly severity: 'violated' | 'unchecked';
  readonly tenant: TenantId;
  readonly session: SessionId;
  readonly position: number;
  /** What exactly is wrong, for people. */
  readonly message: string;
}

/** A finding about one event. */
export const found = (
  { envelope: { tenant, session }, position }: Stored,
  rule: Rule,
  message: string,
  severity: Finding['severity'] = 'violated',
): Finding => ({ rule, severity, tenant, session, position, message });
