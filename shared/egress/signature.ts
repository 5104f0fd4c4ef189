import { createHmac, timingSafeEqual } from 'node:crypto';

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

/** A signature may be so old, or so far ahead, milliseconds. */
const TOLERANCE_MS = 300_000;

/** Whether headers hold a signature, by one of these secrets, of this body, made within five minutes of `now`. */
export function verifiedBody(
  secrets: readonly string[],
  headers: Readonly<Record<string, string | undefined>>,
  body: string,
  now: Date,
): boolean {
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': given = '' } = headers;
  const at = new Date(Number(timestamp) * 1_000);
  if (!(Math.abs(now.getTime() - at.getTime()) <= TOLERANCE_MS)) return false;
  const wanted = secrets.map((secret) => signedHeaders([secret], { id, body }, at)['webhook-signature'] ?? '');
  return given.split(' ').some((signature) => wanted.some((it) => isSame(signature, it)));
}

const isSame = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
