import { setImmediate as immediately, setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { PlatformError } from '../errors/index.ts';
import type { DeadLetters } from '../log/dead-letters.ts';
import { drain, durableConsumer } from '../log/durable.ts';
import { CONVERSATIONS } from '../log/streams.ts';
import { suspectsOf, UNHARMED, type Suspects } from '../log/suspects.ts';
import { failpoint } from './failpoint.ts';
import { guarded } from './guarded.ts';
import type { Outcome } from './host.ts';
import { lanes } from './lanes.ts';
import { ranked } from './ranked.ts';

/** How long the server waits for an acknowledgement. Longer than all runs of one function together. */
export const ACK_WAIT_MS = 5_000;
/** A pull that the server has lost, while it was restarted, is noticed after this time. */
const PULL_MS = 5_000;

/** A host that runs until it is stopped. */
export interface Running {
  /**
   * Takes nothing more, gives back what has not begun, finishes and acknowledges what has. Another process has the
   * given-back deliveries at once.
   */
  stop(): Promise<void>;
}

/** A delivery of a durable consumer that is to be worked on. */
export interface Pulled {
  readonly m: JsMsg;
  /** How often a process has begun with it, this time included: 1 where nothing that follows can be stored yet. */
  readonly attempt: number;
  /** How often it was tried here since it came. */
  readonly runs: number;
  readonly signal: AbortSignal;
}

/**
 * What became of a delivery here. `lost`: nobody knows, and whoever worked on it may have died of it; it comes again,
 * alone, and counts as begun.
 */
export type Worked = Outcome | { readonly kind: 'lost'; readonly afterMs: number };

export interface PullingOptions {
  readonly nc: NatsConnection;
  /** The durable consumer on the conversations; `provision` has made it. */
  readonly durable: string;
  /** What it has to hand out; absent: whatever it does. */
  readonly types?: readonly string[];
  /** Works on one delivery. What it throws is for later, or for an operator. */
  readonly work: (pulled: Pulled) => Promise<Worked>;
  readonly deadLetters: DeadLetters;
  /** Deliveries worked on at a time. As many again wait in the client. */
  readonly concurrency: number;
  /**
   * Deliveries that came again once, and over which nothing is known to have died, worked on at a time; 1 where nothing
   * is given. What is suspected a second time runs alone.
   */
  readonly againAtATime?: number;
  /** How long what has to be tried later is kept here before another process may try; absent: for ever. */
  readonly patienceMs?: number;
}

/** What a process has of a durable consumer. */
export interface Pulling extends Running {
  /** Deliveries that are worked on, and those that wait here for others to be done. */
  readonly state: () => { readonly begun: number; readonly waiting: number };
}

/** Works on a durable consumer's deliveries: those of one session one after the other, others side by side. */
export async function pulling(options: PullingOptions): Promise<Pulling> {
  const { nc, durable, concurrency } = options;
  const consumer = await durableConsumer(nc, CONVERSATIONS, durable, options.types);
  const { config } = await consumer.info(true);
  const ackWaitMs = (config.ack_wait ?? 0) / 1_000_000 || ACK_WAIT_MS;
  const messages = await consumer.consume({ max_messages: concurrency * 2, expires: PULL_MS });
  const suspects = suspectsOf(nc, durable);
  const stop = new AbortController();
  /** What is worked on or waits, by position. Where it came again meanwhile, the newest delivery is answered. */
  const inHand = new Map<number, JsMsg>();
  /** Taken, and waiting for what came before it. */
  const notBegun = new Set<number>();
  const settled = new LRUCache<number, true>({ max: concurrency * 4 });
  const work = lanes(concurrency, stop.signal);
  const alone = ranked(options.againAtATime);
  // What one turn of the event loop acknowledges leaves in one write.
  let done: JsMsg[] = [];
  const acknowledge = (m: JsMsg) => {
    if (done.push(m) > 1) return;
    setImmediate(() => {
      const all = done;
      done = [];
      for (const each of all) each.ack();
    });
  };
  const keepAlive = setInterval(() => {
    for (const m of inHand.values()) m.working();
  }, ackWaitMs / 3);
  const returning = new Set<Promise<void>>();
  const giveBack = (seq: number) => {
    notBegun.delete(seq);
    const back = acquit(suspects, seq, inHand.get(seq)?.info.deliveryCount === 1 ? UNHARMED : undefined).then(() => {
      inHand.get(seq)?.nak();
      inHand.delete(seq);
      returning.delete(back);
    });
    returning.add(back);
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
    if (stop.signal.aborted) {
      giveBack(seq);
      return;
    }
    const run = async (deaths: number) => {
      // Otherwise it was given back while it waited.
      if (!notBegun.delete(seq)) return;
      const latest = () => inHand.get(seq) ?? m;
      try {
        const done = await deliver({ m, latest, acknowledge, deaths, options, suspects, signal: stop.signal });
        if (done) settled.set(seq, true);
      } finally {
        inHand.delete(seq);
      }
    };
    // What was with another process before may have killed it: it runs apart, and after what is less suspect.
    const inOrder = (deaths: number) => work.run(sessionOf(m.subject), () => run(deaths));
    if (m.info.deliveryCount === 1) return inOrder(NEVER_BEGUN);
    const deaths = deathsOf(m, suspects, stop.signal);
    return work.run(`redelivered.${seq}`, () => alone(deaths, (n) => (n === UNHARMED ? inOrder(0) : run(n))));
  };
  const loop = consumeAll(messages, take, work.room);

  return {
    state: () => ({ begun: inHand.size - notBegun.size, waiting: notBegun.size }),
    async stop() {
      stop.abort();
      for (const seq of [...notBegun]) giveBack(seq);
      await drain(messages);
      await loop;
      await Promise.all(returning);
      await work.idle();
      clearInterval(keepAlive);
      await immediately();
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
  readonly acknowledge: (m: JsMsg) => void;
  /** How often a process died over it; -1: no process has begun with it. */
  readonly deaths: number;
  readonly options: PullingOptions;
  readonly suspects: Suspects;
  readonly signal: AbortSignal;
}

/** Works on a delivery and answers it; whether with an acknowledgement. */
async function deliver(delivering: Delivering): Promise<boolean> {
  const { m, latest, acknowledge, options, signal } = delivering;
  const { patienceMs = Infinity } = options;
  const began = performance.now();
  for (let runs = 0; ; runs++) {
    const worked = await workOn(delivering, runs);
    failpoint('pull.before-ack');
    switch (worked.kind) {
      case 'appended':
      case 'ignored':
        acknowledge(latest());
        failpoint('pull.after-ack');
        return true;
      case 'rejected': {
        const letter = { consumer: options.durable, subject: m.subject, position: m.seq, error: worked.error };
        failpoint('pull.before-dead-letter');
        const kept = await guarded(() => options.deadLetters(letter).then(() => 'kept' as const));
        failpoint('pull.after-dead-letter');
        if (kept === 'kept') latest().term(worked.error.code);
        else latest().nak(ACK_WAIT_MS);
        return false;
      }
      case 'lost':
        latest().nak(worked.afterMs);
        return false;
      case 'retry':
        if (signal.aborted || isForNewerBuild(worked.error) || performance.now() - began > patienceMs) {
          const { deaths } = delivering;
          await acquit(delivering.suspects, m.seq, deaths < 0 ? undefined : deaths);
          latest().nak(worked.afterMs);
          return false;
        }
        // Kept here instead of given back: another process would find away what is away for this one, and what comes
        // after it in its session would overtake it.
        failpoint('pull.before-wait');
        await delay(worked.afterMs, undefined, { signal }).catch(() => undefined);
        failpoint('pull.after-wait');
        break;
      default:
        worked satisfies never;
    }
  }
}

const isForNewerBuild = ({ code }: PlatformError) => code === 'event.newer-revision' || code === 'event.unknown-type';

/** @param runs how often this process has worked on it before, so that part of what follows may be stored. */
async function workOn({ m, deaths, options, suspects, signal }: Delivering, runs: number): Promise<Worked> {
  return guarded(async () => {
    failpoint('pull.before-suspecting');
    if (deaths >= 0 && runs === 0) await suspects.note(m.seq, deaths + 1);
    failpoint('pull.after-suspecting');
    const attempt = Math.max(deaths, runs > 0 ? 0 : NEVER_BEGUN) + 2;
    return options.work({ m, attempt, runs, signal });
  });
}

/** It is given back by a process that lives; nothing is noted of what nothing was noted of. */
async function acquit(suspects: Suspects, position: number, deaths: number | undefined): Promise<void> {
  if (deaths === undefined) return;
  failpoint('pull.before-acquitting');
  await suspects.note(position, deaths).catch(() => undefined);
  failpoint('pull.after-acquitting');
}
