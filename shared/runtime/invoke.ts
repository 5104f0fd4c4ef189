import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../errors/index.ts';
import { listensTo, type AnyFunction } from '../function/define.ts';
import type { Stored } from '../log/log.ts';
import { decide } from './decide.ts';
import { giveUp } from './give-up.ts';
import { done, guarded } from './guarded.ts';
import type { Delivery, Host, Outcome } from './host.ts';
import { react } from './react.ts';
import { readEvent } from './read-event.ts';

const FIRST_BACKOFF_MS = 50;

/**
 * Runs one function on one event: the only place with an order of effects. Check the subscription, read and upcast,
 * fold, handle or decide, seal, append; what fails for good is written down. Never throws.
 *
 * @param atHand events of the session that the caller has seen, so that they need not be read again.
 */
export async function invoke(
  fn: AnyFunction,
  delivery: Delivery,
  host: Host,
  signal: AbortSignal,
  atHand: readonly Stored[] = [],
): Promise<Outcome> {
  const { stored } = delivery;
  if (!listensTo(fn, stored.envelope.type)) return { kind: 'ignored' };
  const started = performance.now();
  const outcome = await host.telemetry.step(fn.name, stored.envelope, (traceparent) =>
    guarded(() => attempt(fn, stored, host, signal, atHand, traceparent)),
  );
  host.telemetry.outcome(fn.name, delivery, outcome, performance.now() - started);
  return outcome;
}

async function attempt(
  fn: AnyFunction,
  stored: Stored,
  host: Host,
  signal: AbortSignal,
  atHand: readonly Stored[],
  traceparent: string | undefined,
): Promise<Outcome> {
  const event = readEvent(stored);
  for (let attempts = 1; ; attempts++) {
    try {
      return done(
        fn.kind === 'reaction'
          ? await react(fn, event, host, signal, traceparent)
          : await decide(fn, stored, atHand, host, traceparent),
      );
    } catch (cause) {
      const error = failureOf(fn, cause);
      // Something this function needs is away: that says nothing about the event and does not count.
      if (isUnavailable(error) || signal.aborted) throw error;
      if (error.retry === 'never' || attempts >= fn.limits.attempts) {
        const reason = error.code === 'function.timed-out' ? 'timed-out' : 'failed';
        const events = await giveUp(fn, stored, { reason, attempts, error }, host);
        return events.length > 0 ? done(events) : { kind: 'rejected', error };
      }
      await delay(FIRST_BACKOFF_MS * 2 ** (attempts - 1));
    }
  }
}

const failureOf = (fn: AnyFunction, cause: unknown): PlatformError =>
  cause instanceof PlatformError
    ? cause
    : new PlatformError('function.failed', `${fn.name} failed`, { retry: 'later', cause });

const isUnavailable = ({ code, retry }: PlatformError): boolean =>
  retry === 'later' && !code.startsWith('function.') && !code.startsWith('event.');
