import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { deliveryFrom, type Delivered } from '../cloudevents/delivery.ts';
import type { Malformed } from '../cloudevents/event.ts';
import { readCloudEvent } from '../cloudevents/read.ts';
import { problem, problemResponse, type Problem } from '../http/problem.ts';
import { runGroup, type Group } from './chain.ts';
import { failpoint } from './failpoint.ts';
import { guarded } from './guarded.ts';
import type { Host, Outcome } from './host.ts';

/** The most that an event may take over HTTP: as much as the log takes in one message. */
const MAX_BYTES = 1 << 20;
const BUSY_RETRY_MS = 1_000;

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
}

/**
 * A group of functions behind HTTP, as Knative, OpenFaaS and the relay call it: a CloudEvent in, a status out.
 *
 * 202 something was stored; 204 nothing was to be done; 429 or 503 with `Retry-After` for what is to come again; 400,
 * 413, 415 or 422 for what nobody can use, to be kept as a dead letter by the sender. Never 409: senders differ in what
 * they make of it.
 */
export function httpHost(group: Group, host: Host, options: HttpOptions): Hono {
  const { concurrency, stopping, isReady } = options;
  const app = new Hono();
  let active = 0;

  const health = () => plain('ok\n');
  const ready = () => (isReady() && !stopping.aborted ? plain('ready\n') : plain('not ready\n', 503));
  app.get('/healthz', health);
  app.get('/readyz', ready);
  // The paths of OpenFaaS.
  app.get('/_/health', health);
  app.get('/_/ready', ready);

  app.post('/', bodyLimit({ maxSize: MAX_BYTES, onError: () => refusal(TOO_LARGE) }), async (c) => {
    if (active >= concurrency) return refusal(BUSY, BUSY_RETRY_MS);
    active++;
    try {
      failpoint('http.before-read');
      const delivered = await deliveryOf(c.req.raw);
      failpoint('http.after-read');
      if (!delivered.ok) return refusal(malformation(delivered));
      const outcome = await guarded(() => {
        host.tail.reached(delivered.stored.envelope, delivered.stored.position);
        return runGroup(group, delivered, host, c.req.raw.signal);
      });
      failpoint('http.before-answer');
      return answer(outcome);
    } finally {
      active--;
    }
  });
  app.notFound(() => refusal(problem(404, 'not-found', 'There is nothing here')));
  return app;
}

async function deliveryOf(request: Request): Promise<Delivered | Malformed> {
  const read = readCloudEvent(request.headers, new Uint8Array(await request.arrayBuffer()));
  return read.ok ? deliveryFrom(read.event) : read;
}

function answer(outcome: Outcome): Response {
  switch (outcome.kind) {
    case 'appended':
      return new Response(null, { status: 202 });
    case 'ignored':
      return new Response(null, { status: 204 });
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
  problemResponse({
    problem: body,
    headers: retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) },
  });

const plain = (text: string, status = 200): Response =>
  new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
