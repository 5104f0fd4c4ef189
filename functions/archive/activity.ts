import { DeliverPolicy, jetstream, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { SessionId, TenantId } from '../../events/envelope.ts';
import { sessionArchived } from '../../events/session.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { CONVERSATIONS } from '../../shared/log/streams.ts';

/** A session of the log, where its newest event stands, and when something last happened in it. */
export interface Active {
  readonly ref: SessionRef;
  readonly position: number;
  /** By the store's clock, milliseconds. */
  readonly at: number;
  /** The archive is known to hold everything through here. */
  readonly keptThrough: number;
}

/** When something last happened in each session of the log. */
export interface Activity {
  /** Takes in what has happened since the last time; the first time, everything. */
  refresh(): Promise<void>;
  sessions(): Iterable<Active>;
  /** Takes note that the archive holds a session through a position. */
  keptThrough(ref: SessionRef, position: number): void;
  /** Drops a session that has left, unless something was stored after this position. */
  forget(ref: SessionRef, position: number): void;
}

/** More in one go would have to wait in memory. */
const BATCH = 20_000;
const PATIENCE_MS = 5_000;
const LEAVING = `.${sessionArchived.type}`;

/**
 * Goes over the log without its content once, and from then on over what is new: nothing is scanned again, no crash
 * loses anything, and no turn has to write anything for it. A consumer with delayed redeliveries would keep every
 * session pending on the server instead, and timers would cost each turn another message. One event costs 9 µs, one
 * session 200 bytes of memory.
 */
export function activityOf(nc: NatsConnection): Activity {
  const js = jetstream(nc);
  const known = new Map<string, Active>();
  let position = 0;

  /** How many wait behind it. */
  const note = (m: JsMsg): number => {
    const { streamSequence, timestampNanos, pending } = m.info;
    position = streamSequence;
    const [, , tenant = '', session = ''] = m.subject.split('.', 4);
    const ref = { tenant: tenant as TenantId, session: session as SessionId };
    const before = known.get(keyOf(ref));
    // A session that was about to leave when a process crashed is as idle as it was.
    const at = before && m.subject.endsWith(LEAVING) ? before.at : Math.floor(timestampNanos / 1e6);
    known.set(keyOf(ref), { ref, position, at, keptThrough: before?.keptThrough ?? 0 });
    return pending;
  };

  return {
    async refresh() {
      const consumer = await js.consumers.get(CONVERSATIONS, {
        headers_only: true,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: position + 1,
      });
      try {
        let { num_pending: pending } = await consumer.info();
        while (pending > 0) {
          const messages = await consumer.fetch({ max_messages: Math.min(pending, BATCH), expires: PATIENCE_MS });
          // Where none comes, what waited was purged; the next look takes in the rest.
          pending = 0;
          for await (const m of messages) pending = note(m);
        }
      } finally {
        await consumer.delete();
      }
    },
    sessions: () => known.values(),
    keptThrough: (ref, through) => {
      const entry = known.get(keyOf(ref));
      if (entry) known.set(keyOf(ref), { ...entry, keptThrough: through });
    },
    forget: (ref, through) => {
      const entry = known.get(keyOf(ref));
      if (entry && entry.position <= through) known.delete(keyOf(ref));
    },
  };
}

const keyOf = ({ tenant, session }: SessionRef): string => `${tenant}/${session}`;
