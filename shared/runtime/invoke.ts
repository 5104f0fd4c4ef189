import { setTimeout as delay } from 'node:timers/promises';
import type { ConversationEvent } from '../../events/catalogue.ts';
import { PlatformError } from '../errors/index.ts';
import { listensTo, type AnyFunction } from '../function/define.ts';
import type { Stored } from '../log/log.ts';
import { decide } from './decide.ts';
import { failpoint } from './failpoint.ts';
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
  if (!listensTo(fn, stored.envelope)) return { kind: 'ignored' };
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
  const event = await readable(fn, stored, host);
  const made: Stored[] = [];
  for (let attempts = 1; ; attempts++) {
    try {
      if (fn.kind === 'reaction') return done(await react(fn, event, host, signal, traceparent, atHand));
      const settled = await decide(fn, stored, atHand, host, traceparent, made);
      return done(made, settled);
    } catch (cause) {
      const error = failureOf(fn, cause);
      // Something this function needs is away: that says nothing about the event and does not count.
      if (isUnavailable(error) || signal.aborted) throw error;
      if (error.retry === 'never' || attempts >= fn.limits.attempts) {
        const reason = error.code === 'function.timed-out' ? 'timed-out' : 'failed';
        made.push(...(await giveUp(fn, stored, { reason, attempts, error }, host)));
        return made.length > 0 ? done(made) : { kind: 'rejected', error };
      }
      failpoint('invoke.before-backoff');
      await delay(FIRST_BACKOFF_MS * 2 ** (attempts - 1), undefined, { signal }).catch(() => undefined);
      failpoint('invoke.after-backoff');
    }
  }
}

/** The event at its current revision. Where nobody can read it, its turn ends, since nobody else would end it. */
async function readable(fn: AnyFunction, stored: Stored, host: Host): Promise<ConversationEvent> {
  try {
    return readEvent(stored);
  } catch (error) {
    if (error instanceof PlatformError && error.retry === 'never') {
      await giveUp(fn, stored, { reason: 'unreadable', attempts: 1, error }, host);
    }
    throw error;
  }
}

const failureOf = (fn: AnyFunction, cause: unknown): PlatformError =>
  cause instanceof PlatformError
    ? cause
    : new PlatformError('function.failed', `${fn.name} failed`, { retry: 'later', cause });

const isUnavailable = ({ code, retry }: PlatformError): boolean => retry === 'later' && !code.startsWith('function.');
