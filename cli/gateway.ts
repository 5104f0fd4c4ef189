import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import type { SessionEvent } from '../console/page/sse.js';
import { PlatformError } from '../shared/errors/index.ts';

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 300;
const PAGE = 200;

const Opened = v.object({ session: v.string(), position: v.number() });
const Ticket = v.object({ ticket: v.string() });
const Accepted = v.object({ id: v.string(), position: v.number() });
const Page = v.object({ events: v.array(v.custom<SessionEvent>(() => true)), next: v.nullable(v.number()) });

/** What a chat asks of a running gateway. */
export interface Gateway {
  readonly headers: () => Readonly<Record<string, string>>;
  readonly eventsUrl: (session: string) => string;
  readonly open: (locale?: string, channel?: string) => Promise<v.InferOutput<typeof Opened>>;
  /** Lets one call into the session. */
  readonly ticket: (session: string, locale?: string) => Promise<string>;
  /** Says something; the id is the turn's. Repeated with the same key while the gateway is away, so it is said once. */
  readonly say: (session: string, said: Said) => Promise<v.InferOutput<typeof Accepted>>;
  /** Everything that has happened in a session. */
  readonly history: (session: string) => Promise<readonly SessionEvent[]>;
}

export interface Said {
  readonly text: string;
  readonly locale?: string;
  readonly payload?: string;
}

/** Talks to the gateway at an address. */
export function gatewayAt(url: string, apiKey: string | undefined): Gateway {
  const headers = () => (apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` });
  const eventsUrl = (session: string) => `${url}/v1/sessions/${session}/events`;
  const ask = async <T>(schema: v.GenericSchema<unknown, T>, at: string, body?: object): Promise<T> => {
    const key = randomUUID();
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(at, {
        method: body ? 'POST' : 'GET',
        headers: {
          ...headers(),
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json', 'idempotency-key': key }),
        },
        ...(body && { body: JSON.stringify(body) }),
      }).catch((cause: unknown) => unreachable(url, cause));
      if (response instanceof Response && response.ok) return v.parse(schema, await response.json());
      const error = response instanceof Response ? await problemOf(response) : response;
      if (error.retry === 'never' || attempt === ATTEMPTS) throw error;
      await delay(Math.max(error.retryAfterMs ?? 0, FIRST_WAIT_MS * 2 ** (attempt - 1)));
    }
  };

  return {
    headers,
    eventsUrl,
    open: (locale, channel = 'terminal') => ask(Opened, `${url}/v1/sessions`, { channel, ...(locale && { locale }) }),
    ticket: async (session, locale) =>
      (await ask(Ticket, `${url}/v1/voice/tickets`, { session, ...(locale && { locale }) })).ticket,
    say: (session, { text, locale, payload }) =>
      ask(Accepted, eventsUrl(session), {
        type: 'utterance.received',
        data: { text, ...(locale && { locale }), ...(payload && { payload }) },
      }),
    async history(session) {
      const all: SessionEvent[] = [];
      for (let after: number | null = 0; after !== null;) {
        const page: v.InferOutput<typeof Page> = await ask(Page, `${eventsUrl(session)}?after=${after}&limit=${PAGE}`);
        all.push(...page.events);
        after = page.next;
      }
      return all;
    },
  };
}

/** Nobody answers there. */
export const unreachable = (url: string, cause: unknown) =>
  new PlatformError('gateway.unreachable', `no platform answers at ${url}`, { retry: 'later', cause });

/** What a gateway says is wrong, as an error. */
export async function problemOf(response: Response): Promise<PlatformError> {
  const problem = (await response.json().catch(() => ({}))) as {
    title?: string;
    detail?: string;
    errors?: readonly { field?: string; message?: string }[];
  };
  const fields = (problem.errors ?? []).map(({ field, message }) => `${field ?? ''} ${message ?? ''}`.trim());
  const said = [problem.title ?? `the platform answered ${response.status}`, problem.detail, ...fields];
  const message = said.filter((part) => part !== undefined && part !== '').join(': ');
  const { status } = response;
  if (status === 401 || status === 403) return new PlatformError('gateway.unauthorized', message, { retry: 'never' });
  if (status === 404) return new PlatformError('session.unknown', message, { retry: 'never' });
  const seconds = Number(response.headers.get('retry-after') ?? 0);
  const retry = status === 429 || status >= 500 ? 'later' : 'never';
  return new PlatformError('gateway.refused', message, { retry, retryAfterMs: seconds * 1_000 });
}
