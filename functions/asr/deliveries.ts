import { setTimeout as delay } from 'node:timers/promises';
import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { PlatformError } from '../../shared/errors/index.ts';
import type { DeadLetters } from '../../shared/log/dead-letters.ts';
import { drain, durableConsumer } from '../../shared/log/durable.ts';
import { AUDIO } from '../../shared/log/streams.ts';
import type { Running } from '../../shared/runtime/deliveries.ts';
import { guarded } from '../../shared/runtime/guarded.ts';
import { lanes } from '../../shared/runtime/lanes.ts';
import { LISTENERS } from '../../shared/speech/provision.ts';

export interface DeliveriesOptions {
  readonly nc: NatsConnection;
  /** Resolves when the chunk is taken care of. What it fails with is for later, or for an operator. */
  readonly work: (m: JsMsg, signal: AbortSignal) => Promise<void>;
  readonly deadLetters: DeadLetters;
  /** Chunks worked on at a time. As many again wait in the client. */
  readonly concurrency: number;
}

/** A pull that the server has lost, while it was restarted, is noticed after this time. */
const PULL_MS = 5_000;
/** What fails because something is away is tried again here for so long, and then given to another process. */
const PATIENCE_MS = 2_000;

/**
 * Takes chunks of all calls, those of one call in their order. Simpler than the deliveries of events: a chunk that comes
 * twice costs nothing, so whoever is late is not suspected of having died, and nothing is written down about it.
 */
export async function deliveries({ nc, work, deadLetters, concurrency }: DeliveriesOptions): Promise<Running> {
  const consumer = await durableConsumer(nc, AUDIO, LISTENERS);
  const { config } = await consumer.info(true);
  const messages = await consumer.consume({ max_messages: concurrency * 2, expires: PULL_MS });
  const stop = new AbortController();
  const inHand = new Set<JsMsg>();
  const calls = lanes(concurrency, stop.signal);
  const keepAlive = setInterval(
    () => {
      for (const m of inHand) m.working();
    },
    (config.ack_wait ?? 0) / 1_000_000 / 3,
  );

  const one = async (m: JsMsg): Promise<void> => {
    const began = performance.now();
    for (;;) {
      if (stop.signal.aborted) {
        m.nak();
        return;
      }
      const failed = await guarded(() => work(m, stop.signal).then(() => undefined));
      if (failed === undefined) {
        m.ack();
        return;
      }
      if (failed.kind === 'rejected') {
        const letter = { consumer: LISTENERS, subject: m.subject, position: m.seq, error: failed.error };
        const kept = await guarded(() => deadLetters(letter).then(() => undefined));
        if (kept === undefined) m.term(failed.error.code);
        else m.nak(PATIENCE_MS);
        return;
      }
      const afterMs = failed.kind === 'retry' ? failed.afterMs : 0;
      const isForNewer = failed.kind === 'retry' && isNewer(failed.error);
      if (isForNewer || performance.now() - began > PATIENCE_MS) {
        m.nak(afterMs);
        return;
      }
      await delay(Math.min(afterMs, PATIENCE_MS), undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const loop = (async () => {
    for await (const m of messages) {
      await calls.room();
      inHand.add(m);
      void calls.run(m.subject, () => one(m).finally(() => inHand.delete(m)));
    }
  })();

  return {
    async stop() {
      stop.abort();
      await drain(messages);
      await loop;
      await calls.idle();
      clearInterval(keepAlive);
    },
  };
}

const isNewer = ({ code }: PlatformError): boolean => code === 'hearing.newer';
