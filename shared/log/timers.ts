import { AckPolicy, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { timerFired } from '../../events/session.ts';
import type { Envelope, EventId } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import type { Tail } from './append.ts';
import type { SessionRef } from './log.ts';
import { drain, durableConsumer } from './durable.ts';
import { unavailable, type ApiError } from './refusal.ts';
import { requests } from './requests.ts';
import { TIMERS } from './streams.ts';
import { partitionOf } from './subjects.ts';
import { rawHeaders } from './wire.ts';

/** The durable consumer of the ticks that scheduled messages turn into. */
export const TICKS = 'ts-ticks';

const RETRY_MS = 1_000;
const NOTHING = new Uint8Array();

/** Makes the id of a fired timer; the same tick always gives the same id. */
export type TickId = (decision: EventId) => EventId;

/**
 * Sets the timer of a decision, and in the same step takes that of another decision of the session off the clock, if it
 * is still on it. Fails with `log.unavailable` (later).
 */
export type SetTimer = (decision: SessionRef & { readonly id: EventId }, at: Date, instead?: string) => Promise<void>;

/**
 * Sets timers, for the life of a connection: messages that the server itself delivers at the given time, however often
 * everything is restarted meanwhile. The subject ends in the id of the decision that set it, so that setting it again
 * replaces it.
 */
export function timerSetter(nc: NatsConnection): SetTimer {
  const send = requests(nc);
  return async (decision, at, instead) => {
    const of = `${partitionOf(decision)}.${decision.tenant}.${decision.session}`;
    const path = `${of}.${decision.id}`;
    const schedule = `Nats-Schedule: @at ${at.toISOString()}\r\nNats-Schedule-Target: tick.${path}\r\n`;
    const cancel = instead ? `Nats-Scheduler: timer.${of}.${instead}\r\nNats-Schedule-Next: purge\r\n` : '';
    const ack = await send.one(`timer.${path}`, NOTHING, rawHeaders(`NATS/1.0\r\n${schedule}${cancel}\r\n`));
    const { error } = ack.json<{ readonly error?: ApiError }>();
    // Not the fault of the function that sets it: it is tried again for as long as it takes.
    if (error) throw unavailable(`could not set a timer (${error.err_code ?? 0})`);
  };
}

/** Creates the durable consumer of ticks. Part of provisioning. */
export async function provisionTicks(nc: NatsConnection): Promise<void> {
  const jsm = await jetstreamManager(nc);
  const config = { durable_name: TICKS, ack_policy: AckPolicy.Explicit, filter_subject: 'tick.>', max_deliver: -1 };
  await jsm.consumers.add(TIMERS, config);
}

/** Turns ticks into facts: appends `timer.fired` to the session that the tick belongs to. */
export async function tickHost(nc: NatsConnection, tail: Tail, tickId: TickId, now: () => Date) {
  const consumer = await durableConsumer(nc, TIMERS, TICKS);
  const messages = await consumer.consume({ max_messages: 100 });
  const loop = (async () => {
    for await (const m of messages) {
      const [, , tenant, session, timer] = m.subject.split('.');
      const event: Envelope = {
        id: tickId(timer as EventId),
        ...timerFired({ timer: timer ?? '' }),
        tenant: tenant as Envelope['tenant'],
        session: session as Envelope['session'],
        time: now().toISOString(),
        causation: timer as EventId,
        emitter: 'timer',
      };
      // Redelivered when the log is away; the derived id keeps it from firing twice.
      await tail.append(event).then(
        () => {
          m.ack();
        },
        (error: unknown) => {
          // What can never be stored, for example because the session was erased, need not come again.
          if (error instanceof PlatformError && error.retry === 'never') m.term(error.code);
          else m.nak(RETRY_MS);
        },
      );
    }
  })();
  return {
    async stop() {
      await drain(messages);
      await loop;
    },
  };
}
