import { Hono, type Context } from 'hono';
import { endings } from '../../events/catalogue.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { HttpProblem, problem, problemResponse } from '../../shared/http/problem.ts';
import { SECURITY } from '../../shared/http/security.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { isEnding } from '../../shared/runtime/place.ts';
import { authenticator, type Authenticate, type Caller } from '../../shared/tenancy/authenticate.ts';
import { deskFeeds } from './desk/feeds.ts';
import type { Exchange } from './exchange.ts';
import { headerOf } from './header.ts';
import type { Inside } from './inside.ts';
import { quotas, take } from './limits.ts';
import { openApiDocument } from './openapi.ts';
import { DEFAULT_LIMITS, type GatewayOptions, type PageFile } from './options.ts';
import type { Route } from './route.ts';
import { ROUTES } from './routes/index.ts';
import { runningClock } from './running-clock.ts';
import { gone } from '../../shared/incoming/sessions.ts';
import { streamsOf } from './streams.ts';
import { turnsOf } from './turns.ts';
import { SESSION_TYPES, viewsOf } from '../../shared/incoming/views.ts';
import { unwatched } from './watch.ts';

const VERSION = '1';
/** How often streams and waiting turns are looked after. */
const TICK_MS = 100;
/** How long requests that are under way may take when the gateway closes. */
const CLOSE_MS = 5_000;

/** A gateway, ready to be served. */
export interface Gateway {
  readonly app: Hono;
  /** Forgets what it remembers of a session, because it was erased. */
  readonly forget: (ref: SessionRef) => void;
  /** Refuses what is new, asks streams to come back elsewhere, finishes what is under way. */
  readonly close: () => Promise<void>;
}

/**
 * The HTTP side of the platform. It holds no conversation: whatever it remembers can be read again from the log, so
 * any number of processes may serve the same clients.
 */
export function gateway(options: GatewayOptions): Gateway {
  const { log, tail, tenants, tokens, openDemo, watch = unwatched } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const tickMs = Math.min(TICK_MS, limits.lookMs);
  const { now: clock, tick } = runningClock(tickMs);
  const inside: Inside = {
    emitter: 'gateway',
    options,
    limits,
    watch,
    views: viewsOf(log, limits.sessions),
    turns: turnsOf(log, watch, limits.lookMs, clock),
    streams: streamsOf(log, limits.lookMs, clock),
    desks: deskFeeds(options.desk, limits.lookMs, clock),
    quotaOf: quotas(tenants, limits),
  };
  const { views, turns, streams, desks } = inside;
  const types = [...endings.map((d) => d.type), ...SESSION_TYPES];
  const bells = log.follow({ types }, (stored) => {
    if (isEnding(stored.envelope.type)) turns.ended(stored);
    tail.reached(stored.envelope, stored.position);
    views.saw(stored);
  });
  const ticking = setInterval(() => {
    tick();
    turns.tick();
    streams.tick();
    desks.tick();
  }, tickMs);
  ticking.unref();

  const authenticate = authenticator({ tenants, openDemo, ...(tokens && { tokens }) });
  const state: ServingState = { inside, authenticate, underWay: 0, closing: false };
  const document = JSON.stringify(openApiDocument([...ROUTES, documentRoute('')], VERSION));
  const routes = [...ROUTES, documentRoute(document)];
  const app = new Hono();
  for (const route of routes) app.on(route.method, honoPath(route.path), (c) => serve(route, c, state));
  app.notFound((c) => notFound(c, routes, options.page));
  app.onError(failed);

  return {
    app,
    forget: (ref) => {
      views.forget(ref);
    },
    async close() {
      state.closing = true;
      streams.closeAll();
      desks.closeAll();
      const end = clock() + CLOSE_MS;
      while (state.underWay > 0 && clock() < end) await pause();
      turns.release();
      while (state.underWay > 0 && clock() < end + CLOSE_MS) await pause();
      clearInterval(ticking);
      bells.stop();
    },
  };
}

interface ServingState {
  readonly inside: Inside;
  readonly authenticate: Authenticate;
  underWay: number;
  closing: boolean;
}

async function serve(route: Route, c: Context, state: ServingState): Promise<Response> {
  const { watch } = state.inside;
  const watched = watch.request(route.method, route.path, headerOf(c, 'traceparent'));
  state.underWay++;
  let response: Response;
  try {
    response = await handle(route, c, state, watched.traceparent);
  } catch (error) {
    response = failed(error);
    if (response.status === 500) watch.failed?.(route.path, error);
  }
  state.underWay--;
  watched.end(response.status);
  return response;
}

function handle(
  route: Route,
  c: Context,
  { authenticate, inside, closing }: ServingState,
  traceparent: string | undefined,
): Response | Promise<Response> {
  if (closing) return problemResponse(leaving(), SECURITY);
  if (route.open) return enter(route, c, inside, NOBODY, traceparent);
  const caller = authenticate({ authorization: headerOf(c, 'authorization'), host: headerOf(c, 'host') });
  if (caller instanceof Promise) {
    return caller.then((known) => (known ? enter(route, c, inside, known, traceparent) : unauthorized(c)));
  }
  return caller ? enter(route, c, inside, caller, traceparent) : unauthorized(c);
}

const NOBODY = { tenant: '' } as unknown as Caller;

function enter(
  route: Route,
  c: Context,
  at: Inside,
  caller: Caller,
  traceparent: string | undefined,
): Response | Promise<Response> {
  if (caller.agent && !route.forAgents) return problemResponse(notForAgents(), SECURITY);
  const quota = at.quotaOf(caller.tenant);
  const refused = take(quota, performance.now());
  if (refused) return problemResponse(refused, SECURITY);
  const x: Exchange = { c, at, caller, quota, traceparent };
  return route.handle(x);
}

const documentRoute = (document: string): Route => ({
  method: 'GET',
  path: '/openapi.json',
  summary: 'This document',
  replies: { 200: { description: 'An OpenAPI 3.1 document' } },
  open: true,
  handle: () => new Response(document, { headers: { ...SECURITY, 'content-type': 'application/json; charset=utf-8' } }),
});

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/gu, ':$1');

function notFound(c: Context, routes: readonly Route[], page: ((path: string) => PageFile | undefined) | undefined) {
  const { method, path } = c.req;
  const allowed = routes.filter((route) => pathPattern(route.path).test(path)).map((route) => route.method);
  if (allowed.length > 0) {
    return problemResponse(
      new HttpProblem(problem(405, 'method-not-allowed', 'This method is not for this path'), {
        allow: allowed.join(', '),
      }),
      SECURITY,
    );
  }
  const file = method === 'GET' || method === 'HEAD' ? page?.(path) : undefined;
  if (file)
    return new Response(file.body, { headers: { ...PAGE_SECURITY, 'content-type': file.type, ...file.headers } });
  return problemResponse(new HttpProblem(problem(404, 'not-found', 'There is nothing at this path')), SECURITY);
}

const pathPattern = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{\w+\}/gu, '[^/]+')}$`, 'u');

const PAGE_SECURITY = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const unauthorized = (c: Context): Response =>
  problemResponse(
    new HttpProblem(
      problem(401, 'unauthorized', 'A valid API key or token is needed', {
        errors: [
          {
            field: 'Authorization',
            message: headerOf(c, 'authorization') === undefined ? 'is missing' : 'is not valid, or not any more',
          },
        ],
      }),
      { 'www-authenticate': 'Bearer' },
    ),
    SECURITY,
  );

const notForAgents = () =>
  new HttpProblem(problem(403, 'forbidden', 'This needs an API key of the tenant, not that of an agent'));

const leaving = () =>
  new HttpProblem(problem(503, 'stopping', 'This process is stopping; another one answers'), {
    'retry-after': '1',
    connection: 'close',
  });

/** Whatever went wrong, as an answer. What is not known to be the client's fault is ours, and told without details. */
function failed(error: unknown): Response {
  if (error instanceof HttpProblem) return problemResponse(error, SECURITY);
  if (error instanceof PlatformError && error.retry === 'later') {
    const seconds = Math.max(1, Math.ceil((error.retryAfterMs ?? 1_000) / 1_000));
    const body = problem(503, 'unavailable', 'The log does not answer; nothing was acknowledged', { code: error.code });
    return problemResponse(new HttpProblem(body, { 'retry-after': String(seconds) }), SECURITY);
  }
  const code = error instanceof PlatformError ? error.code : 'gateway.failed';
  if (code === 'session.erased') return problemResponse(gone(), SECURITY);
  return problemResponse(new HttpProblem(problem(500, 'failed', 'Something went wrong here', { code })), SECURITY);
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 10));
