import { invalid } from './deployment.ts';

/** The time limits around one event, from the inside outwards, milliseconds. */
export interface TimeLimits {
  /** Of a call to something outside. */
  readonly breakerMs?: number;
  /** Of one run of a handler. */
  readonly timeoutMs: number;
  readonly attempts: number;
  /** How long the log waits for an acknowledgement. */
  readonly ackWaitMs: number;
  readonly timeoutSeconds: number;
}

/**
 * Refuses time limits that do not nest. What is inside has to give up first: otherwise the outer one ends a run that
 * goes on unseen, and the event is worked on twice at a time. Fails with `deploy.invalid` (never), naming the field.
 */
export function checkTimes(name: string, limits: TimeLimits): void {
  const { breakerMs, timeoutMs, attempts, ackWaitMs, timeoutSeconds } = limits;
  const nested = (inner: string, innerMs: number, outer: string, outerMs: number) => {
    if (innerMs < outerMs) return;
    throw invalid(`${name}: ${inner}: ${innerMs} ms is not shorter than ${outer}, ${outerMs} ms`);
  };
  if (breakerMs !== undefined) nested('breakerMs', breakerMs, 'limits.timeoutMs', timeoutMs);
  nested('limits.timeoutMs', timeoutMs * attempts, 'the acknowledgement wait', ackWaitMs);
  nested('the acknowledgement wait', ackWaitMs, 'timeoutSeconds', timeoutSeconds * 1_000);
}

/** How much longer the relay waits than a platform does, so that the platform's answer still comes. */
const SPARE_MS = 10_000;

/**
 * How long the relay waits for a function that a platform runs. Fails with `deploy.invalid` (never) where a relay that
 * stops would be ended while it still waits.
 */
export function relayDeadline(relaySeconds: number, functionSeconds: readonly number[]): number {
  const deadlineMs = Math.max(...functionSeconds) * 1_000 + SPARE_MS;
  if (deadlineMs < relaySeconds * 1_000) return deadlineMs;
  throw invalid(
    `relay: timeoutSeconds: ${relaySeconds} s is not longer than its wait for a function, ${deadlineMs} ms`,
  );
}
