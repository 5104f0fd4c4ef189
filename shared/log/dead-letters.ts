import { jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import type { PlatformError } from '../errors/index.ts';

/** A delivery that nobody could use, as it came. */
export interface DeadLetter {
  /** The durable consumer or function that it was meant for. */
  readonly consumer: string;
  readonly subject: string;
  readonly position: number;
  readonly error: PlatformError;
}

/** Keeps dead letters for operators. Fails with `log.unavailable` (retry later): nothing is dropped in silence. */
export type DeadLetters = (letter: DeadLetter) => Promise<void>;

/**
 * Dead letters on their own stream: where the event stands and why it could not be used. The event itself stays where
 * it is, encrypted and within its tenant's subjects, so no content is copied.
 */
export function deadLetters(nc: NatsConnection): DeadLetters {
  const js = jetstream(nc);
  return async ({ consumer, subject, position, error }) => {
    const [, , tenant = 'unknown', session = 'unknown'] = subject.split('.');
    const hdrs = headers();
    hdrs.set('Nats-Msg-Id', `${consumer}:${position}`);
    const body = { consumer, subject, position, session, code: error.code, message: error.message };
    await js.publish(`dead.${tenant}.${consumer}`, JSON.stringify(body), { headers: hdrs });
  };
}
