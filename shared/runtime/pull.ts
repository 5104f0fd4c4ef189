import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { jetstream, type Consumer, type ConsumerMessages, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { PlatformError } from '../errors/index.ts';
import type { DeadLetters } from '../log/dead-letters.ts';
import { CONVERSATIONS } from '../log/streams.ts';
import { eventSubject } from '../log/subjects.ts';
import { suspectsOf, type Suspects } from '../log/suspects.ts';
import { decode, type Cipher } from '../log/wire.ts';
import { runGroup, type Group } from './chain.ts';
import { failpoint } from './failpoint.ts';
import { guarded } from './guarded.ts';
import type { Host, Outcome } from './host.ts';
import { lanes } from './lanes.ts';
import { ranked } from './ranked.ts';

/** How long the server waits for an acknowledgement. Longer than all runs of one function together. */
export const ACK_WAIT_MS = 5_000;
/** A pull that the server has lost, while it was restarted, is noticed after this time. */
const PULL_MS = 5_000;

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
  const { config } = await consumer.info(true);
  const ackWaitMs = (config.ack_wait ?? 0) / 1_000_000 || ACK_WAIT_MS;
  const messages = await consumer.consume({ max_messages: concurrency * 2, expires: PULL_MS });
  const suspects = suspectsOf(nc, durableOf(group));
  const stop = new AbortController();
  /** What is worked on or waits, by position. Where it came again meanwhile, the newest delivery is answered. */
  const inHand = new Map<number, JsMsg>();
  /** Taken, and waiting for what came before it. */
  const notBegun = new Set<number>();
  const settled = new LRUCache<number, true>({ max: concurrency * 4 });
  const work = lanes(concurrency, stop.signal);
  const alone = ranked();
  const keepAlive = setInterval(() => {
    for (const m of inHand.values()) m.working();
  }, ackWaitMs / 3);
  const giveBack = (seq: number) => {
    notBegun.delete(seq);
    inHand.get(seq)?.nak();
    inHand.delete(seq);
  };

  const take = async (m: JsMsg) => {
    const { seq } = m;
    // The server was restarted, or did not hear from us for a while. Nobody has died of it, so it need not begin again.
    if (settled.has(seq)) {
      m.ack();
      return;
    }
    const isWithUs = inHand.has(seq);
    inHand.set(seq, m);
    if (isWithUs) return;

    notBegun.add(seq);
    if (stop.signal.aborted) giveBack(seq);
    const run = async (deaths: number) => {
      // Otherwise it was given back while it waited.
      if (!notBegun.delete(seq)) return;
      const latest = () => inHand.get(seq) ?? m;
      try {
        const done = await deliver({ m, latest, deaths, options, suspects, signal: stop.signal });
        if (done) settled.set(seq, true);
      } finally {
        inHand.delete(seq);
      }
    };
    // What was with another process before may have killed it: it runs alone, and after what is less suspect.
    if (m.info.deliveryCount === 1) await work.run(sessionOf(m.subject), () => run(NEVER_BEGUN));
    else await work.run(`redelivered.${seq}`, () => alone(deathsOf(m, suspects, stop.signal), run));
  };
  const loop = consumeAll(messages, take, work.room);

  return {
    async stop() {
      stop.abort();
      for (const seq of [...notBegun]) giveBack(seq);
      await messages.close();
      await loop;
      await work.idle();
      clearInterval(keepAlive);
      await nc.flush();
    },
  };
}

const NEVER_BEGUN = -1;
const sessionOf = (subject: string) => subject.split('.', 4).join('.');

async function consumeAll(messages: ConsumerMessages, take: (m: JsMsg) => Promise<void>, room: () => Promise<void>) {
  for await (const m of messages) {
    await room();
    void take(m);
  }
}

/** How suspect a delivery is; waits for as long as the store is away. */
async function deathsOf(m: JsMsg, suspects: Suspects, signal: AbortSignal): Promise<number> {
  while (!signal.aborted) {
    const deaths = await suspects.deaths(m.seq).catch(() => undefined);
    if (deaths !== undefined) return deaths;
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
  return 0;
}

const RETRY_MS = 1_000;

interface Delivering {
  readonly m: JsMsg;
  /** The newest delivery of the same event: the one that is answered. */
  readonly latest: () => JsMsg;
  /** How often a process died over it; -1: no process has begun with it. */
  readonly deaths: number;
  readonly options: PullOptions;
  readonly suspects: Suspects;
  readonly signal: AbortSignal;
}

/** Works on a delivery and answers it; whether with an acknowledgement. */
async function deliver(delivering: Delivering): Promise<boolean> {
  const { m, latest, options, signal } = delivering;
  for (let runs = 0; ; runs++) {
    const outcome = await outcomeOf(delivering, runs > 0);
    failpoint('pull.before-ack');
    switch (outcome.kind) {
      case 'appended':
      case 'ignored':
        latest().ack();
        failpoint('pull.after-ack');
        return true;
      case 'rejected': {
        const letter = {
          consumer: durableOf(options.group),
          subject: m.subject,
          position: m.seq,
          error: outcome.error,
        };
        failpoint('pull.before-dead-letter');
        const kept = await guarded(() => options.deadLetters(letter).then(() => 'kept' as const));
        failpoint('pull.after-dead-letter');
        if (kept === 'kept') latest().term(outcome.error.code);
        else latest().nak(ACK_WAIT_MS);
        return false;
      }
      case 'retry':
        if (signal.aborted || isForNewerBuild(outcome.error)) {
          await acquit(delivering);
          latest().nak(outcome.afterMs);
          return false;
        }
        // Kept here instead of given back: another process would find the store away as well.
        failpoint('pull.before-wait');
        await delay(outcome.afterMs, undefined, { signal }).catch(() => undefined);
        failpoint('pull.after-wait');
        break;
      default:
        outcome satisfies never;
    }
  }
}

const isForNewerBuild = ({ code }: PlatformError) => code === 'event.newer-revision' || code === 'event.unknown-type';

/** @param again whether this process has worked on it before, so that part of what follows may be stored. */
async function outcomeOf({ m, deaths, options, suspects, signal }: Delivering, again: boolean): Promise<Outcome> {
  const { group, host, cipher } = options;
  return guarded(async () => {
    failpoint('pull.before-suspecting');
    if (deaths >= 0 && !again) await suspects.note(m.seq, deaths + 1);
    failpoint('pull.after-suspecting');
    failpoint('pull.before-read');
    const stored = m.headers && (await decode(m.headers, m.data, m.seq, cipher));
    failpoint('pull.after-read');
    if (!stored || 'unreadable' in stored) {
      if (stored?.unreadable === 'erased') return { kind: 'ignored' };
      throw new PlatformError('event.malformed', `not an event: ${stored?.why ?? 'no headers'}`, { retry: 'never' });
    }
    // Who may write to one session's subject must not speak in the name of another.
    if (eventSubject(stored.envelope) !== m.subject) {
      throw new PlatformError('event.malformed', 'not the event that its subject names', { retry: 'never' });
    }
    host.tail.reached(stored.envelope, stored.position);
    const attempt = Math.max(deaths, again ? 0 : NEVER_BEGUN) + 2;
    return runGroup(group, { stored, attempt }, host, signal);
  });
}

/** It was given back by a process that lives. */
async function acquit({ m, deaths, suspects }: Delivering): Promise<void> {
  if (deaths < 0) return;
  failpoint('pull.before-acquitting');
  await suspects.note(m.seq, deaths).catch(() => undefined);
  failpoint('pull.after-acquitting');
}
