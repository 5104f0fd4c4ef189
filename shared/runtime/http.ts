import { Hono } from 'hono';
import { deliveryFrom, type Delivered } from '../cloudevents/delivery.ts';
import { malformed, type Malformed } from '../cloudevents/event.ts';
import { readCloudEvent, SEALED } from '../cloudevents/read.ts';
import { limitedBody } from '../http/body-limit.ts';
import { problem, problemResponse, type Problem } from '../http/problem.ts';
import type { Stored } from '../log/log.ts';
import type { Cipher } from '../log/wire.ts';
import { runGroup, type Group } from './chain.ts';
import { failpoint } from './failpoint.ts';
import { guarded } from './guarded.ts';
import type { Host, Outcome } from './host.ts';

/** The most that an event may take over HTTP: as much as the log takes in one message. */
const MAX_BYTES = 1 << 20;
const BUSY_RETRY_MS = 1_000;

/**
 * Stands in an answer to an event that is done with, with its position. Proxies, queues and default pages say 202 too,
 * and a sender that believed them would acknowledge what nobody has done.
 */
export const DONE = 'turnstream-done';

export interface HttpOptions {
  /** Deliveries worked on at a time; what comes beyond them is sent away with 429. */
  readonly concurrency: number;
  /**
   * Aborted when the process is asked to stop: readiness says no from then on, and whatever still comes is served, since
   * the platform goes on sending for a while. Close the server once it has stopped, then the connection to the log.
   */
  readonly stopping: AbortSignal;
  /** Whether what the functions need is there, above all the log. */
  readonly isReady: () => boolean;
  /** Opens the data of events. With it, nothing is taken that the session's own key has not sealed. */
  readonly cipher?: Cipher;
  /** Gets ready for a session that was opened, before anything is said in it. */
  readonly prepare?: (opened: Stored) => Promise<void>;
}

/**
 * A group of functions behind HTTP, as Knative, OpenFaaS and the relay call it: a CloudEvent in, a status out.
 *
 * 202 something was stored; 204 nothing was to be done; 429 or 503 with `Retry-After` for what is to come again; 400,
 * 413, 415 or 422 for what nobody can use, to be kept as a dead letter by the sender. Never 409: senders differ in what
 * they make of it. `/warm` takes the opening of a session, stores nothing, and answers once the functions are ready for
 * what will be said.
 */
export function httpHost(group: Group, host: Host, options: HttpOptions): Hono {
  const { concurrency, stopping, isReady, cipher, prepare } = options;
  const app = new Hono();
  let active = 0;

  const health = () => plain('ok\n');
  const ready = () => (isReady() && !stopping.aborted ? plain('ready\n') : plain('not ready\n', 503));
  app.get('/healthz', health);
  app.get('/readyz', ready);
  // The paths of OpenFaaS.
  app.get('/_/health', health);
  app.get('/_/ready', ready);

  const limit = limitedBody(MAX_BYTES, () => refusal(TOO_LARGE));
  app.post('/warm', limit, async (c) => {
    const delivered = await guarded(() => deliveryOf(c.req.raw, cipher));
    if ('ok' in delivered && delivered.ok) await guarded(async () => prepare?.(delivered.stored));
    return new Response(null, { status: 204 });
  });
  app.post('/', limit, async (c) => {
    if (active >= concurrency) return refusal(BUSY, BUSY_RETRY_MS);
    active++;
    try {
      failpoint('http.before-read');
      const delivered = await guarded(() => deliveryOf(c.req.raw, cipher));
      failpoint('http.after-read');
      if ('kind' in delivered) return answer(delivered);
      if (!delivered.ok) return refusal(malformation(delivered));
      const { position } = delivered.stored;
      if (delivered.stored.envelope.data === ERASED) return done(204, position);
      const outcome = await guarded(() => {
        host.tail.reached(delivered.stored.envelope, delivered.stored.position);
        return runGroup(group, delivered, host, c.req.raw.signal);
      });
      failpoint('http.before-answer');
      return answer(outcome, position);
    } finally {
      active--;
    }
  });
  app.notFound(() => refusal(problem(404, 'not-found', 'There is nothing here')));
  return app;
}

/** Stands for the data of an event whose key was destroyed. */
const ERASED = Symbol('erased');

async function deliveryOf(request: Request, cipher: Cipher | undefined): Promise<Delivered | Malformed> {
  const read = readCloudEvent(request.headers, new Uint8Array(await request.arrayBuffer()), cipher !== undefined);
  const delivered = read.ok ? deliveryFrom(read.event) : read;
  return delivered.ok && cipher ? opened(delivered, cipher) : delivered;
}

async function opened(delivered: Delivered, cipher: Cipher): Promise<Delivered | Malformed> {
  const { stored } = delivered;
  const sealed = stored.envelope.data;
  if (!(sealed instanceof Uint8Array)) return malformed('content-type', `is not ${SEALED}`, 415);
  const plain = await cipher.open(stored.envelope, sealed);
  const data: unknown = plain === undefined ? ERASED : jsonOf(plain);
  return data === undefined
    ? malformed('data', 'is not JSON')
    : { ...delivered, stored: { ...stored, envelope: { ...stored.envelope, data } } };
}

function jsonOf(plain: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(plain)) as unknown;
  } catch {
    return undefined;
  }
}
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const done = (status: 202 | 204, position: number): Response =>
  new Response(null, { status, headers: { [DONE]: String(position) } });

function answer(outcome: Outcome, position = 0): Response {
  switch (outcome.kind) {
    case 'appended':
      return done(202, position);
    case 'ignored':
      return done(204, position);
    case 'retry':
      return refusal(problem(503, 'not-now', 'The event has to come again', because(outcome)), outcome.afterMs);
    case 'rejected':
      return refusal(problem(422, 'unusable-event', 'Nobody can use the event', because(outcome)));
  }
}

/** Messages of errors name the operation and never what a customer said. */
const because = ({ error: { code, message } }: Extract<Outcome, { kind: 'retry' | 'rejected' }>) => ({
  code,
  detail: message,
});

const BUSY = problem(429, 'busy', 'As many events as allowed are being worked on');
const TOO_LARGE = problem(413, 'body-too-large', 'The event is too large', {
  errors: [{ field: 'data', message: `is longer than ${MAX_BYTES} bytes` }],
});

const malformation = ({ status, attribute, problem: message }: Malformed): Problem =>
  problem(status, 'not-an-event', 'The request is not an event', { errors: [{ field: attribute, message }] });

const refusal = (body: Problem, retryAfterMs?: number): Response =>
  retryAfterMs === undefined
    ? problemResponse({ problem: body, headers: {} })
    : problemResponse({
        // The header only knows whole seconds, and a customer waits: the relay goes by the other one.
        problem: { ...body, retryAfterMs },
        headers: { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) },
      });

const plain = (text: string, status = 200): Response =>
  new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
