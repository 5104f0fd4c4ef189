import type { Stored } from '../log/log.ts';
import { chainFindings, hasBeginning } from './chain.ts';
import { decisionFindings } from './decisions.ts';
import type { Finding } from './finding.ts';
import { foldFindings } from './folding.ts';
import { originFindings } from './origins.ts';
import { turnFindings } from './turns.ts';

export interface CheckOptions {
  /** A turn opened after this time may still be without an ending; absent: every turn must have ended. */
  readonly openSince?: Date;
}

/**
 * Checks everything that must hold of a session, from its events alone: the chain, I2 to I8, and the state hashes
 * folded anew. The events are all there are of the session, oldest first; the findings come in the order of the log.
 * Pure: neither asks the log nor the clock.
 */
export function checkSession(events: readonly Stored[], { openSince }: CheckOptions = {}): readonly Finding[] {
  const complete = hasBeginning(events);
  return [
    ...chainFindings(events),
    ...originFindings(events, complete),
    ...turnFindings(events, complete, openSince),
    ...decisionFindings(events),
    ...foldFindings(events, complete),
  ].sort((a, b) => a.position - b.position);
}
