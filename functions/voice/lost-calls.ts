import { jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { callEnded, callStarted } from '../../events/call.ts';
import { EventId, SessionId, TenantId, type Envelope } from '../../events/envelope.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { Tail } from '../../shared/log/append.ts';
import { drain, durableConsumer } from '../../shared/log/durable.ts';
import type { Log } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { TIMERS } from '../../shared/log/streams.ts';
import type { AudioLog } from '../../shared/speech/audio-log.ts';
import type { CallRef, StoredChunk } from '../../shared/speech/chunk.ts';
import { LOST_CALLS } from '../../shared/speech/provision.ts';
import { sampleBytes } from './lines/line.ts';
import { EMITTER, idOf } from './journal.ts';
import type { Lease } from './options.ts';

/*
 * A process that holds a call says again and again that it still does, by putting off a message of the server's own
 * clock. Where nobody puts it off any more, the message comes, and whichever process gets it ends the call in the log.
 */

const SET = 'timer.call';
const DUE = 'timer.due.call';
const AGAIN_MS = 1_000;

/** Renews the lease of a call. */
export function leases(nc: NatsConnection, now: () => Date, leaseMs: number): Lease {
  const js = jetstream(nc);
  return async ({ tenant, session, call }) => {
    const path = `${tenant}.${session}.${call}`;
    const hdrs = headers();
    hdrs.set('Nats-Schedule', `@at ${new Date(now().getTime() + leaseMs).toISOString()}`);
    hdrs.set('Nats-Schedule-Target', `${DUE}.${path}`);
    await js.publish(`${SET}.${path}`, '', { headers: hdrs });
  };
}

export interface LostCallsOptions {
  readonly nc: NatsConnection;
  readonly log: Log;
  readonly tail: Tail;
  readonly audio: AudioLog;
  readonly now: () => Date;
}

/** Ends the calls that nobody looks after any more. Any number of processes may. */
export async function endLostCalls(options: LostCallsOptions): Promise<{ stop(): Promise<void> }> {
  const consumer = await durableConsumer(options.nc, TIMERS, LOST_CALLS);
  const messages = await consumer.consume({ max_messages: 50 });
  const loop = (async () => {
    for await (const m of messages) {
      const ref = refOf(m.subject);
      if (!ref) {
        m.term('not a call');
        continue;
      }
      await endLost(ref, options).then(
        () => {
          m.ack();
        },
        (error: unknown) => {
          if (error instanceof PlatformError && error.retry === 'never') m.term(error.code);
          else m.nak(AGAIN_MS);
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

/**
 * Writes down that a call is over, unless it says so already. What was being said ends there, too. `held`: somebody has
 * just written to the call, and has said for how long it is looked after.
 */
export async function endLost(
  ref: CallRef,
  { log, tail, audio, now }: Omit<LostCallsOptions, 'nc'>,
): Promise<'ended' | 'over' | 'held'> {
  const events = await readSession(log, ref);
  const ofCall = ({ envelope }: (typeof events)[number]) =>
    (envelope.data as { readonly call?: string }).call === ref.call;
  const isOver = events.some((s) => s.envelope.type === callEnded.type && ofCall(s));
  const isBegun = events.some((s) => s.envelope.type === callStarted.type && ofCall(s));
  const newest = await audio.newest(ref);
  // It was going to begin and never did; or its session has left the log, or was erased.
  if (events.length === 0 || !(isBegun || newest)) return 'over';
  const endMs = newest ? endOf(newest) : 0;
  if (newest && !newest.last) {
    // Keeps out whoever still believes to hold the call, and is itself kept out by whoever has just taken it up.
    const closed = await audio.append(ref, closing(newest, endMs), newest.position);
    if (closed.kind === 'refused') return 'held';
  }
  if (isOver) return 'over';
  const { type, revision, data } = callEnded({ call: ref.call, reason: 'lost', ms: endMs });
  const event: Envelope = {
    id: idOf(ref.call, 'ended'),
    type,
    revision,
    tenant: ref.tenant,
    session: ref.session,
    time: now().toISOString(),
    causation: ref.call,
    emitter: EMITTER,
    data,
  };
  await tail.append(event);
  return 'ended';
}

const closing = (newest: StoredChunk, fromMs: number) => ({
  ...newest,
  number: newest.number + 1,
  fromMs,
  sound: new Uint8Array(),
  playing: false,
  last: true,
});

const endOf = ({ fromMs, sound, format }: StoredChunk): number =>
  Math.round(fromMs + (sound.length / sampleBytes(format) / format.rate) * 1_000);

const Path = v.strictTuple([TenantId, SessionId, EventId]);

function refOf(subject: string): CallRef | undefined {
  const path = v.safeParse(Path, subject.slice(DUE.length + 1).split('.'));
  if (!path.success) return undefined;
  const [tenant, session, call] = path.output;
  return { tenant, session, call };
}
