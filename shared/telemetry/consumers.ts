import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { CONVERSATIONS } from '../log/streams.ts';

const TIMEOUT_MS = 1_000;

/** How far behind a durable consumer is. */
export interface ConsumerState {
  readonly consumer: string;
  /** Events in the log that it has not been given. */
  readonly lag: number;
  /** Deliveries that it has not acknowledged. */
  readonly ackPending: number;
}

/** A durable consumer, by its name; by its stream, too, where that is another than the conversations'. */
export type Watched = string | { readonly stream: string; readonly durable: string };

/** Asks the broker for the state of durable consumers. Leaves out those that it does not tell about in time. */
export function consumerStates(
  nc: NatsConnection,
  durables: readonly Watched[],
): () => Promise<readonly ConsumerState[]> {
  return async () => {
    if (nc.isClosed()) return [];
    const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: TIMEOUT_MS });
    const asked = await Promise.allSettled(
      durables.map((it) =>
        typeof it === 'string' ? jsm.consumers.info(CONVERSATIONS, it) : jsm.consumers.info(it.stream, it.durable),
      ),
    );
    return asked
      .filter((result) => result.status === 'fulfilled')
      .map(({ value }) => ({ consumer: value.name, lag: value.num_pending, ackPending: value.num_ack_pending }));
  };
}
