import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { drain, durableConsumer } from '../../shared/log/durable.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { CONVERSATIONS, TIMERS } from '../../shared/log/streams.ts';
import type { Cipher } from '../../shared/log/wire.ts';
import { guarded } from '../../shared/runtime/guarded.ts';
import type { Running } from '../../shared/runtime/pull.ts';
import { fromLog, fromTimer, settle, type Surroundings, type Taken } from './delivery.ts';
import { DUE, SPOKEN } from './provision.ts';
import { queues } from './queues.ts';
import { retries } from './retries.ts';

/**
 * Replies that wait here for their endpoint, for each one that may be posted to it at a time: enough for a rush to stay
 * in order, and few enough that a handful of dead endpoints does not take all places of the consumer.
 */
const WAITING = 32;
/** What finds the queue of its endpoint full comes again after this time, at the earliest. That is no attempt. */
const BUSY_MS = 5_000;
/** However fast an endpoint is: what is put off for it costs the log a message each time. */
const LEAST_PACE_MS = 0.5;
const FETCH = 200;

export interface DeliverOptions extends Omit<Surroundings, 'log' | 'setRetry'> {
  readonly nc: NatsConnection;
  readonly cipher?: Cipher;
  /** Posts to one endpoint at a time. */
  readonly concurrency: number;
}

/**
 * Pushes replies to channels for as long as it runs. A host of its own and not `pullHost`: a post takes up to fifteen
 * seconds, its failures come back after hours, and one endpoint must not take the places of all others.
 *
 * The replies of one session go out in order as long as all goes well (from one process: several share the replies out).
 * One that fails is put off and does not hold up the later ones: they answer later questions, hours may pass, and the
 * position in each body tells their order.
 */
export async function deliverHost(options: DeliverOptions): Promise<Running> {
  const { nc, cipher, endpointOf, concurrency, now } = options;
  const log = jetstreamLog(nc, cipher ? { cipher } : {});
  const setRetry = retries(nc);
  const around: Surroundings = { ...options, log, setRetry };
  const clock = () => performance.now();
  const work = queues({ running: concurrency, waiting: concurrency * WAITING, clock });
  const slots = new Map<string, number>();
  const stop = new AbortController();
  const held = new Set<JsMsg>();
  const puttingOff = new Set<Promise<void>>();

  const run = async (taken: Taken) => {
    try {
      if (stop.signal.aborted) taken.m.nak();
      else await settle(taken, around, stop.signal);
    } finally {
      held.delete(taken.m);
    }
  };
  // One after the other, as fast as the endpoint gets them done: a long backlog must not come again all at once.
  const putOff = async (taken: Taken, url: string) => {
    const slot = (slots.get(url) ?? 0) + Math.max(work.pace(url), LEAST_PACE_MS);
    const at = Math.max(now().getTime() + BUSY_MS, slot);
    slots.set(url, at);
    const put = await guarded(() => setRetry(taken, new Date(at)).then(() => 'put-off' as const));
    if (put === 'put-off') taken.m.ack();
    else taken.m.nak(BUSY_MS);
    held.delete(taken.m);
  };
  const take = (taken: Taken) => {
    const { m, ref, attempts, type } = taken;
    const url = endpointOf(ref.tenant, type)?.url;
    // The consumer may be older than the configuration. Nothing is written down: there was nothing to deliver to.
    if (url === undefined && attempts === 0) {
      m.ack();
      return;
    }
    held.add(m);
    if (work.offer(url ?? '', ref.session, () => run(taken))) return;
    const putting = putOff(taken, url ?? '').finally(() => puttingOff.delete(putting));
    puttingOff.add(putting);
  };

  const [spoken, due] = await Promise.all([consume(nc, CONVERSATIONS, SPOKEN), consume(nc, TIMERS, DUE)]);
  const keepAlive = setInterval(
    () => {
      for (const m of held) m.working();
    },
    Math.min(spoken.ackWaitMs, due.ackWaitMs) / 3,
  );
  const loops = [
    each(spoken.messages, (m) => {
      take(fromLog(m, cipher));
    }),
    each(due.messages, (m) => {
      const taken = fromTimer(m, log);
      if (taken) take(taken);
      else m.term('not a retry');
    }),
  ];

  return {
    async stop() {
      stop.abort();
      await Promise.all([drain(spoken.messages), drain(due.messages)]);
      await Promise.all(loops);
      await work.idle();
      await Promise.all(puttingOff);
      clearInterval(keepAlive);
      await nc.flush();
    },
  };
}

async function consume(nc: NatsConnection, stream: string, durable: string) {
  const consumer = await durableConsumer(nc, stream, durable);
  const { config } = await consumer.info(true);
  const messages = await consumer.consume({ max_messages: FETCH });
  return { messages, ackWaitMs: (config.ack_wait ?? 0) / 1_000_000 };
}

async function each(messages: ConsumerMessages, take: (m: JsMsg) => void): Promise<void> {
  for await (const m of messages) take(m);
}
