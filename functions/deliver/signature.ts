import { createHmac } from 'node:crypto';

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/u;
const LEAST_BYTES = 24;
const MOST_BYTES = 64;

/** Whether this is a secret as Standard Webhooks serialises it: 24 to 64 bytes in base 64 after `whsec_`. */
export const isSecret = (secret: string): boolean => {
  const { length } = keyOf(secret);
  return length >= LEAST_BYTES && length <= MOST_BYTES;
};

/**
 * The headers of Standard Webhooks 1.0.0 for one attempt: the id of the event, the time of this attempt and a
 * signature of both and the body with each secret. The body must be sent as these very bytes.
 */
export function signedHeaders(
  secrets: readonly string[],
  { id, body }: { readonly id: string; readonly body: string },
  at: Date,
): Readonly<Record<string, string>> {
  const timestamp = Math.floor(at.getTime() / 1_000).toString();
  const content = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map((s) => `v1,${createHmac('sha256', keyOf(s)).update(content).digest('base64')}`);
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

const keyOf = (secret: string): Buffer => Buffer.from(SECRET.exec(secret)?.[1] ?? '', 'base64');
