import { turnDeadLettered } from '../../events/turn.ts';
import { stepFailed } from '../../events/understanding.ts';
import type { DataOf } from '../../events/define.ts';
import type { Envelope, EventId } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import type { AnyDecider, AnyFunction } from '../function/define.ts';
import type { Stored } from '../log/log.ts';
import { failpoint } from './failpoint.ts';
import type { Host } from './host.ts';
import { place } from './place.ts';
import { recall } from './recall.ts';
import { seal } from './seal.ts';

/** Derived ids of a function's own events count from 0; what the runtime writes in its name stands far behind. */
const FAILURE_INDEX = 1_000;

export interface Failure {
  readonly reason: DataOf<typeof stepFailed>['reason'];
  readonly attempts: number;
  readonly error?: PlatformError;
}

/**
 * Writes down that a function failed for good on an event: as a fact that the policy answers where it can, else as the
 * end of the turn. Nothing for an event outside of turns, which nobody waits for.
 */
export async function giveUp(fn: AnyFunction, on: Stored, failure: Failure, host: Host): Promise<readonly Stored[]> {
  const { position } = on;
  const cause = fn.kind === 'decider' ? await dueTurn(fn, on, host) : on.envelope;
  if (!cause?.turn) return [];
  const { reason, attempts, error } = failure;
  // What nobody can read the policy cannot fold either: it would find no turn to answer.
  const answered = fn.kind === 'reaction' && fn.failure === 'step-failed' && reason !== 'unreadable';
  const draft = answered
    ? stepFailed({ step: fn.name, reason, attempts, ...(error && { code: error.code }) })
    : turnDeadLettered({ reason: error?.code ?? reason, step: fn.name });
  const envelope = seal(draft, { cause, emitter: fn.name, index: FAILURE_INDEX, now: host.now() }, cause.traceparent);
  failpoint('give-up.before-append');
  // An ending has to be sure that the turn has none, however long ago the turn began.
  const stored = await place(host, envelope, answered ? position : 0);
  failpoint('give-up.after-append');
  return stored ? [stored] : [];
}

/**
 * A decider fails on the turn that is due, which need not be the one whose event woke it: that turn ends, as something
 * that follows from its own opening. Undefined where nothing is due, so that it cannot have failed.
 */
async function dueTurn(fn: AnyDecider, on: Stored, host: Host): Promise<Envelope | undefined> {
  failpoint('give-up.before-recall');
  const recalled = await recall(host.log, host.sessions, fn.fold, on.envelope, on.position).catch((error: unknown) => {
    // Where the session cannot be read, nobody can say more than that this event failed.
    if (error instanceof PlatformError && error.retry === 'never') return undefined;
    throw error;
  });
  failpoint('give-up.after-recall');
  if (!recalled || !fn.due) return on.envelope;
  const due = fn.due(recalled.state) as { readonly turn?: EventId } | undefined;
  return due?.turn ? { ...on.envelope, id: due.turn, turn: due.turn } : due && on.envelope;
}
