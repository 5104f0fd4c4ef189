import { AckPolicy, DeliverPolicy, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { CONVERSATIONS } from '../log/streams.ts';
import type { Group } from './chain.ts';
import { durableOf } from './pull.ts';

/** How soon the server takes a delivery for lost. */
export const ACK_WAIT_MS = 10_000;

/** Makes a durable consumer of one subject from a position on, for a group that nobody else runs. */
export async function durableFrom(
  nc: NatsConnection,
  group: Pick<Group, 'name'>,
  subject: string,
  from: number,
): Promise<void> {
  const jsm = await jetstreamManager(nc);
  await jsm.consumers.add(CONVERSATIONS, {
    durable_name: durableOf(group),
    ack_policy: AckPolicy.Explicit,
    ack_wait: ACK_WAIT_MS * 1_000_000,
    filter_subject: subject,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
    max_deliver: -1,
  });
}
