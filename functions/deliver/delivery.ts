import { setTimeout as delay } from 'node:timers/promises';
import type { JsMsg } from '@nats-io/jetstream';
import type { SessionId, TenantId } from '../../events/envelope.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { DeadLetters } from '../../shared/log/dead-letters.ts';
import type { Log, Stored } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { sessionSubject } from '../../shared/log/subjects.ts';
import { decode, type Cipher } from '../../shared/log/wire.ts';
import { failpoint } from '../../shared/runtime/failpoint.ts';
import { guarded } from '../../shared/runtime/guarded.ts';
import type { Host, Outcome, Telemetry } from '../../shared/runtime/host.ts';
import { invoke } from '../../shared/runtime/invoke.ts';
import { readEvent } from '../../shared/runtime/read-event.ts';
import { sessionCache } from '../../shared/runtime/recall.ts';
import { deliver, type Attempt, type Delivering } from './handler.ts';
import { onceTail } from './once.ts';
import { SPOKEN } from './provision.ts';
import { readDue, type Due, type SetRetry } from './retries.ts';

/** A delivery, whichever consumer it came from. */
export interface Taken extends Due {
  readonly m: JsMsg;
  /** Undefined where the event is gone. */
  readonly event: () => Promise<Stored | undefined>;
}

/** What an attempt needs around it. */
export interface Surroundings {
  readonly log: Log;
  readonly setRetry: SetRetry;
  readonly endpointOf: Delivering['endpointOf'];
  readonly post: Delivering['post'];
  /** The wait before each attempt, milliseconds. */
  readonly schedule: readonly number[];
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly now: () => Date;
  readonly telemetry: Telemetry;
  readonly deadLetters: DeadLetters;
}

/** What has just happened. */
export function fromLog(m: JsMsg, cipher: Cipher | undefined): Taken {
  const [, , tenant = '', session = '', ...path] = m.subject.split('.');
  const event = async () => {
    const stored = m.headers && (await decode(m.headers, m.data, m.seq, cipher));
    if (stored && 'envelope' in stored) return stored;
    if (stored?.unreadable === 'erased') return undefined;
    throw new PlatformError('event.malformed', `not an event: ${stored?.why ?? 'no headers'}`, { retry: 'never' });
  };
  const ref = { tenant: tenant as TenantId, session: session as SessionId };
  return { m, ref, position: m.seq, type: path.slice(0, 2).join('.'), attempts: 0, event };
}

/** A reply that is due for its next attempt; undefined where the message is none of ours. */
export function fromTimer(m: JsMsg, log: Log): Taken | undefined {
  const due = readDue(m);
  return due && { m, ...due, event: () => log.at(due.ref, due.position) };
}

/** Runs the function until the delivery is settled in one way or another. Does not throw. */
export async function settle(taken: Taken, around: Surroundings, stopping: AbortSignal): Promise<void> {
  const { m, ref, position } = taken;
  const host = hostOf(taken, around);
  for (;;) {
    const outcome = await guarded(() => runOnce(taken, host));
    failpoint('pull.before-ack');
    switch (outcome.kind) {
      case 'appended':
      case 'ignored':
        m.ack();
        failpoint('pull.after-ack');
        return;
      case 'rejected': {
        const letter = { consumer: SPOKEN, subject: sessionSubject(ref), position, error: outcome.error };
        const kept = await guarded(() => around.deadLetters(letter).then(() => 'kept' as const));
        if (kept === 'kept') m.term(outcome.error.code);
        else m.nak(kept.kind === 'retry' ? kept.afterMs : 1_000);
        return;
      }
      case 'retry':
        if (stopping.aborted || outcome.error.code === 'event.newer-revision') {
          m.nak(outcome.afterMs);
          return;
        }
        await delay(outcome.afterMs, undefined, { signal: stopping }).catch(() => undefined);
        break;
      default:
        outcome satisfies never;
    }
  }
}

async function runOnce({ m, attempts, event }: Taken, host: Host): Promise<Outcome> {
  failpoint('pull.before-read');
  const stored = await event();
  failpoint('pull.after-read');
  // Erased or archived meanwhile: there is nothing to deliver any more.
  if (!stored) return { kind: 'ignored' };
  const repeated = attempts > 0 || m.info.deliveryCount > 1;
  if (repeated && (await isSettled(stored, host.log))) return { kind: 'ignored' };
  // Not the signal of a stop: what has been posted is worth waiting for, or it is posted again.
  return invoke(deliver, { stored, attempt: m.info.deliveryCount }, host, new AbortController().signal);
}

/** Whether an earlier attempt was the last one. */
async function isSettled({ envelope, position }: Stored, log: Log): Promise<boolean> {
  const later = await readSession(log, envelope, { after: position });
  return later.some(({ envelope: e }) => e.causation === envelope.id && e.emitter === deliver.name);
}

/** Deliveries after which an event is taken to be what killed the process each time. */
const DELIVERIES = 4;
const KILLED: Attempt = { kind: 'failed', reason: 'the process ended while it was delivering', final: false };

function hostOf({ m, attempts }: Taken, around: Surroundings): Host {
  const { log, now, telemetry, setRetry } = around;
  // A count is no proof: it also grows with each stop. So what came too often is put off, not given up.
  let known: Attempt | undefined = m.info.deliveryCount > DELIVERIES ? KILLED : undefined;
  const ports: Delivering = {
    endpointOf: around.endpointOf,
    attempts,
    schedule: around.schedule,
    chance: around.chance,
    // Once it is known what came of it, only writing that down is repeated.
    post: async (...args) => (known ??= await around.post(...args)),
    tryAgain: ({ tenant, session, position, type }, made, afterMs) =>
      setRetry({ ref: { tenant, session }, position, type, attempts: made }, new Date(now().getTime() + afterMs)),
    saidIn: async ({ turn, position, ...ref }) => {
      const said = (await readSession(log, ref, { through: position })).find(({ envelope }) => envelope.id === turn);
      const event = said && readEvent(said);
      return event?.type === 'utterance.received' ? event.data.text : undefined;
    },
  };
  return {
    log,
    tail: onceTail(log),
    sessions: sessionCache(0),
    bots: () => Promise.reject(new PlatformError('bot.unknown', 'no bot is needed here', { retry: 'later' })),
    now,
    ports,
    telemetry,
  };
}
