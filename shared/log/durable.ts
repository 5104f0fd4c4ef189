import {
  jetstream,
  JetStreamApiCodes,
  JetStreamApiError,
  type Consumer,
  type ConsumerMessages,
} from '@nats-io/jetstream';
import { PermissionViolationError, type NatsConnection, type Subscription } from '@nats-io/nats-core';
import { PlatformError } from '../errors/index.ts';

const NEXT = 'run `turnstream provision` of this version';

/**
 * A durable consumer that `provision` has made. Fails, with what to do next, with `consumer.missing` (later) where it is
 * not there, with `consumer.differs` (later) where it does not hand out all of these types, as after an update, and with
 * `consumer.forbidden` (never) where this user may not ask for it.
 *
 * @param types of events, or ends of their subjects; absent: nothing is compared.
 */
export async function durableConsumer(
  nc: NatsConnection,
  stream: string,
  name: string,
  types: readonly string[] = [],
): Promise<Consumer> {
  const consumer = await jetstream(nc).consumers.get(stream, name).catch(explained(name));
  const { config } = await consumer.info(true);
  const given = [...(config.filter_subjects ?? []), config.filter_subject ?? []].flat().map(typesIn);
  const lacking = given.includes('>') ? [] : types.filter((type) => !given.includes(type));
  if (lacking.length === 0) return consumer;
  const message = `the durable consumer ${name} does not hand out ${lacking.join(', ')}: ${NEXT}`;
  throw new PlatformError('consumer.differs', message, { retry: 'later' });
}

/**
 * Takes no more deliveries: the loop over these ends once it has been given all that the server had sent. Closing them
 * instead drops what is on its way, which then comes to nobody until its time to be acknowledged is over. The client has
 * this for its subscriptions alone (nats.js 3.4; those in Go and .NET have it for consumers, too).
 */
export async function drain(messages: ConsumerMessages): Promise<void> {
  const { sub } = messages as unknown as { readonly sub: Subscription };
  if (!sub.isClosed()) await sub.drain();
}

/** The types that a filter lets through, of whichever sessions: `conv.<p>.<tenant>.<session>.<type>`. */
const typesIn = (filter: string): string => filter.split('.').slice(4).join('.');

const explained = (name: string) => (cause: unknown) => {
  if (cause instanceof JetStreamApiError && cause.code === JetStreamApiCodes.ConsumerNotFound) {
    const message = `there is no durable consumer ${name}: ${NEXT}`;
    throw new PlatformError('consumer.missing', message, { retry: 'later', cause });
  }
  if (isForbidden(cause)) {
    const message = `the log's user may not use the durable consumer ${name}: give the log the users of this version`;
    throw new PlatformError('consumer.forbidden', message, { retry: 'never', cause });
  }
  throw cause;
};

/** The client puts errors of its own around those of the server. */
const isForbidden = (cause: unknown): boolean =>
  cause instanceof PermissionViolationError || (cause instanceof Error && isForbidden(cause.cause));
