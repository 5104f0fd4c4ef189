import { turnDeadLettered } from '../../events/turn.ts';
import { stepFailed } from '../../events/understanding.ts';
import type { DataOf } from '../../events/define.ts';
import type { PlatformError } from '../errors/index.ts';
import type { AnyFunction } from '../function/define.ts';
import type { Stored } from '../log/log.ts';
import { failpoint } from './failpoint.ts';
import type { Host } from './host.ts';
import { place } from './place.ts';
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
  const { envelope: cause, position } = on;
  if (!cause.turn) return [];
  const { reason, attempts, error } = failure;
  const answered = fn.kind === 'reaction' && fn.failure === 'step-failed';
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
