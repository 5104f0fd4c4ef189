import { setTimeout as delay } from 'node:timers/promises';
import { jetstream, type Consumer, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { PlatformError } from '../errors/index.ts';
import type { DeadLetters } from '../log/dead-letters.ts';
import { CONVERSATIONS } from '../log/streams.ts';
import { decode, type Cipher } from '../log/wire.ts';
import { runGroup, type Group } from './chain.ts';
import { failpoint } from './failpoint.ts';
import { guarded } from './guarded.ts';
import type { Host, Outcome } from './host.ts';
import { lanes } from './lanes.ts';

/** How long the server waits for an acknowledgement. Longer than all runs of one function together. */
export const ACK_WAIT_MS = 5_000;

export interface PullOptions {
  readonly nc: NatsConnection;
  readonly group: Group;
  readonly host: Host;
  readonly deadLetters: DeadLetters;
  readonly cipher?: Cipher;
  /** Deliveries worked on at a time. As many again wait in the client. */
  readonly concurrency: number;
}

/** A host that runs until it is stopped. */
export interface Running {
  /**
   * Takes nothing more, gives back what has not begun, finishes and acknowledges what has. Another process has the
   * given-back deliveries at once.
   */
  stop(): Promise<void>;
}

/** The name of the durable consumer of a group; `provision` creates it. */
export const durableOf = (group: Group): string => `ts-${group.name}`;

/** Runs a group on its durable consumer. Deliveries of one session wait for one another, others run side by side. */
export async function pullHost(options: PullOptions): Promise<Running> {
  const { nc, group, concurrency } = options;
  const consumer: Consumer = await jetstream(nc).consumers.get(CONVERSATIONS, durableOf(group));
  const messages = await consumer.consume({ max_messages: concurrency * 2 });
  const stop = new AbortController();
  const active = new Set<JsMsg>();
  const work = lanes(concurrency);
  const keepAlive = setInterval(() => {
    for (const m of active) m.working();
  }, ACK_WAIT_MS / 3);

  const take = (m: JsMsg) => {
    active.add(m);
    const run = async () => {
      try {
        if (stop.signal.aborted) m.nak();
        else await deliver(m, options, stop.signal);
      } finally {
        active.delete(m);
      }
    };
    // What was delivered before may have killed its process: it runs alone.
    return work.run(m.info.deliveryCount > 1 ? ALONE : sessionOf(m.subject), run);
  };
  const loop = consumeAll(messages, take, work.room);

  return {
    async stop() {
      stop.abort();
      await messages.close();
      await loop;
      await work.idle();
      clearInterval(keepAlive);
      await nc.flush();
    },
  };
}

const ALONE = 'redelivered';
const sessionOf = (subject: string) => subject.split('.', 4).join('.');

async function consumeAll(messages: ConsumerMessages, take: (m: JsMsg) => Promise<void>, room: () => Promise<void>) {
  for await (const m of messages) {
    await room();
    void take(m);
  }
}

async function deliver(m: JsMsg, options: PullOptions, signal: AbortSignal): Promise<void> {
  for (;;) {
    const outcome = await outcomeOf(m, options, signal);
    failpoint('pull.before-ack');
    switch (outcome.kind) {
      case 'appended':
      case 'ignored':
        m.ack();
        failpoint('pull.after-ack');
        return;
      case 'rejected': {
        const letter = {
          consumer: durableOf(options.group),
          subject: m.subject,
          position: m.seq,
          error: outcome.error,
        };
        const kept = await guarded(() => options.deadLetters(letter).then(() => 'kept' as const));
        if (kept === 'kept') m.term(outcome.error.code);
        else m.nak(ACK_WAIT_MS);
        return;
      }
      case 'retry':
        if (signal.aborted || outcome.error.code === 'event.newer-revision') {
          m.nak(outcome.afterMs);
          return;
        }
        // Kept here instead of given back: a delivery count is for crashes, not for a store that is away.
        await delay(outcome.afterMs, undefined, { signal }).catch(() => undefined);
        break;
      default:
        outcome satisfies never;
    }
  }
}

async function outcomeOf(m: JsMsg, { group, host, cipher }: PullOptions, signal: AbortSignal): Promise<Outcome> {
  return guarded(async () => {
    failpoint('pull.before-read');
    const stored = m.headers && (await decode(m.headers, m.data, m.seq, cipher));
    failpoint('pull.after-read');
    if (!stored || 'unreadable' in stored) {
      if (stored?.unreadable === 'erased') return { kind: 'ignored' };
      throw new PlatformError('event.malformed', `not an event: ${stored?.why ?? 'no headers'}`, { retry: 'never' });
    }
    host.tail.reached(stored.envelope, stored.position);
    return runGroup(group, { stored, attempt: m.info.deliveryCount }, host, signal);
  });
}
