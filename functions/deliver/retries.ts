import { jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { Position, SessionId, TenantId } from '../../events/envelope.ts';
import { count, name } from '../../events/fields.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { SessionRef } from '../../shared/log/log.ts';

/*
 * Where a reply waits for its next attempt: a scheduled message on the timers' stream, as a reminder does. It names the
 * event and how often it was tried; what was said stays in the log, encrypted, and goes with its session.
 *
 * Not the delivery of the durable consumer, given back with a delay: it would stand among the unacknowledged ones for
 * up to three days, so that some thousands of replies to one dead endpoint would fill the consumer's limit and stop
 * everybody's; and its count of deliveries also counts what was given back at a stop or lost in a crash.
 */

/** An event that is due for its next attempt. */
export interface Due {
  readonly ref: SessionRef;
  readonly position: number;
  /** Of the event: says which of a tenant's addresses it goes to. */
  readonly type: string;
  /** Attempts that were made so far. */
  readonly attempts: number;
}

/** Has an event delivered again at a time, even if everything is restarted meanwhile. Replaces what was set before. */
export type SetRetry = (due: Due, at: Date) => Promise<void>;

const SET = 'timer.deliver';
/** Within the subjects of the timers' stream, and no tick: those become events. */
const DUE = 'timer.due.deliver';

/** The subjects of what is due. */
export const DUE_SUBJECTS = `${DUE}.>`;

/** Sets retries. Fails with `log.unavailable` (later). */
export function retries(nc: NatsConnection): SetRetry {
  const js = jetstream(nc);
  return async ({ ref: { tenant, session }, position, type, attempts }, at) => {
    const path = `${tenant}.${session}.${position}`;
    const hdrs = headers();
    hdrs.set('Nats-Schedule', `@at ${at.toISOString()}`);
    hdrs.set('Nats-Schedule-Target', `${DUE}.${path}`);
    await js
      .publish(`${SET}.${path}`, JSON.stringify({ attempts, type }), { headers: hdrs })
      .catch((cause: unknown) => {
        const message = 'could not put off a reply';
        throw new PlatformError('log.unavailable', message, { retry: 'later', retryAfterMs: 1_000, cause });
      });
  };
}

const Path = v.strictTuple([TenantId, SessionId, v.pipe(v.string(), v.toNumber(), Position)]);
// What was put off by an earlier build has no type, and is a reply.
const Body = v.strictObject({ attempts: count, type: v.optional(name, 'turn.replied') });

/** Reads what is due; undefined where somebody else wrote it. */
export function readDue(m: { readonly subject: string; json(): unknown }): Due | undefined {
  const path = v.safeParse(Path, m.subject.slice(DUE.length + 1).split('.'));
  const body = v.safeParse(Body, jsonOf(m));
  if (!path.success || !body.success) return undefined;
  const [tenant, session, position] = path.output;
  return { ref: { tenant, session }, position, ...body.output };
}

function jsonOf(m: { json(): unknown }): unknown {
  try {
    return m.json();
  } catch {
    return undefined;
  }
}
