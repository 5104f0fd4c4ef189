import { AckPolicy, DeliverPolicy, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ticketWritten } from '../../events/desk.ts';
import type { TenantId } from '../../events/envelope.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { CONVERSATIONS, TIMERS } from '../../shared/log/streams.ts';
import { tenantTypeSubject } from '../../shared/log/subjects.ts';
import { deliver, TO_CHANNELS, TO_DESKS } from './handler.ts';
import { DUE_SUBJECTS } from './retries.ts';

/** The durable consumer of what the bot says to the customers of tenants with an address. */
export const SPOKEN = 'ts-deliver';
/** The durable consumer of what is due for its next attempt. */
export const DUE = 'ts-deliver-due';

/** The tenants that have an address: for replies to customers, and for a desk of their own. */
export interface Addressed {
  readonly channels: readonly TenantId[];
  readonly desks: readonly TenantId[];
}

/** Longer than a run of the function. A process that works says so in between. */
export const ACK_WAIT_MS = 30_000;
/** Bounds what all processes together hold: at most this many replies of each of the two consumers. */
const MAX_UNACKNOWLEDGED = 10_000;

/**
 * Creates or updates the consumers of this function, for these tenants. The server looks for nobody else's replies, so
 * that a tenant without an address costs nothing at all; where no tenant has one, there is no consumer. Run it again
 * whenever a tenant's address comes or goes. What was said before a tenant had an address is not delivered.
 */
export async function provisionDeliveries(
  nc: NatsConnection,
  addressed: Addressed,
  ackWaitMs = ACK_WAIT_MS,
): Promise<void> {
  const jsm = await jetstreamManager(nc);
  const common = {
    ack_policy: AckPolicy.Explicit,
    ack_wait: ackWaitMs * 1_000_000,
    max_deliver: -1,
    max_ack_pending: MAX_UNACKNOWLEDGED,
  };
  const subjects = subjectsOf(addressed);
  if (subjects.length === 0) await jsm.consumers.delete(CONVERSATIONS, SPOKEN).catch(() => undefined);
  else
    await put(jsm, CONVERSATIONS, SPOKEN, { ...common, deliver_policy: DeliverPolicy.New, filter_subjects: subjects });
  await put(jsm, TIMERS, DUE, { ...common, deliver_policy: DeliverPolicy.All, filter_subjects: [DUE_SUBJECTS] });
}

/** Fails with `deliver.not-provisioned` (never) unless the consumers are there and see what these tenants want. */
export async function verifyDeliveries(nc: NatsConnection, addressed: Addressed): Promise<void> {
  const jsm = await jetstreamManager(nc);
  const filters = (stream: string, durable: string) =>
    jsm.consumers.info(stream, durable).then(
      ({ config: { filter_subject, filter_subjects = [] } }) => new Set([...filter_subjects, filter_subject ?? '']),
      () => new Set<string>(),
    );
  const [spoken, due] = await Promise.all([filters(CONVERSATIONS, SPOKEN), filters(TIMERS, DUE)]);
  if (due.has(DUE_SUBJECTS) && subjectsOf(addressed).every((s) => spoken.has(s))) return;
  const message = `the consumers of ${deliver.name} do not fit the tenants: provision them again`;
  throw new PlatformError('deliver.not-provisioned', message, { retry: 'never' });
}

function subjectsOf({ channels, desks }: Addressed): string[] {
  const ofEach = (tenants: readonly TenantId[], types: readonly string[]) =>
    tenants.flatMap((tenant) => types.map((type) => tenantTypeSubject(tenant, type)));
  const without = channels.filter((tenant) => !desks.includes(tenant));
  return [
    ...ofEach(
      channels,
      TO_CHANNELS.map(({ type }) => type),
    ),
    ...ofEach(
      desks,
      TO_DESKS.map(({ type }) => type),
    ),
    // Where there is no desk, somebody else has to know of a ticket.
    ...ofEach(without, [ticketWritten.type]),
  ];
}

async function put(
  jsm: JetStreamManager,
  stream: string,
  durable_name: string,
  config: Parameters<JetStreamManager['consumers']['add']>[1],
): Promise<void> {
  const exists = await jsm.consumers.info(stream, durable_name).then(
    () => true,
    () => false,
  );
  if (exists) await jsm.consumers.update(stream, durable_name, config);
  else await jsm.consumers.add(stream, { ...config, durable_name });
}
