import type { InferOutput } from 'valibot';
import type { SessionId, TenantId } from '../../events/envelope.ts';
import type { FieldError } from '../../shared/http/problem.ts';
import { openLibrary } from '../../shared/knowledge/library.ts';
import { memoryKnowledge } from '../../shared/knowledge/memory.ts';
import { tailOf } from '../../shared/log/append.ts';
import type { Log, Stored } from '../../shared/log/log.ts';
import { memoryLog, type MemoryLog } from '../../shared/log/memory.ts';
import { runGroup } from '../../shared/runtime/chain.ts';
import { hashOfKey } from '../../shared/tenancy/api-key.ts';
import { readTenants, type Tenants } from '../../shared/tenancy/tenants.ts';
import { testBot } from '../../shared/testing/bot.ts';
import { testHost } from '../../shared/testing/rig.ts';
import { groupsOf } from '../index.ts';
import { gateway, type Gateway } from './app.ts';
import type { Knowledge } from './knowledge.ts';
import type { GatewayOptions } from './options.ts';
import type { PublicEvent as PublicEventSchema } from './replies.ts';

type PublicEvent = InferOutput<typeof PublicEventSchema>;

/** A key of the tenant `acme`, and one of a tenant that it has nothing to do with. */
export const ACME = 'ts_acme_0123456789abcdefghijklmnopqrstuv';
export const RIVAL = 'ts_rival_vutsrqponmlkjihgfedcba9876543210';

/** Two tenants with a key each. */
export const twoTenants: Tenants = readTenants({
  tenants: {
    acme: { bot: 'test-bot', keys: [hashOfKey(ACME)] },
    rival: { bot: 'test-bot', keys: [hashOfKey(RIVAL)] },
  },
});

/** Articles in memory, found by their words and at once. */
function articlesInMemory(): Knowledge {
  const store = memoryKnowledge(() => new Date());
  return { store, library: openLibrary({ store, freshMs: 0 }) };
}

/** A gateway on any log, with the test bot for everybody. */
export const gatewayOn = (log: Log, over: Partial<GatewayOptions> = {}): Gateway =>
  gateway({
    log,
    tail: tailOf(log),
    tenants: twoTenants,
    openDemo: false,
    sessionKey: 'the secret of all gateways',
    botOf: (_tenant: TenantId) => testBot,
    now: () => new Date(),
    knowledge: articlesInMemory(),
    ...over,
  });

/** Lets the functions of a turn run on whatever comes into a log in memory, one event of a session after the other. */
export function functionsOn(log: Log): void {
  const [group] = groupsOf('chained');
  if (!group) throw new Error('there is no group');
  const host = testHost(log);
  const never = new AbortController().signal;
  const last = new Map<string, Promise<unknown>>();
  log.follow({ types: ['utterance.received', 'control.requested', 'session.resumed'] }, (stored: Stored) => {
    const { session } = stored.envelope;
    const run = () => runGroup(group, { stored, attempt: 1 }, host, never);
    last.set(session, (last.get(session) ?? Promise.resolve()).then(run, run));
  });
}

/** A gateway with functions behind it, all in memory. */
export function memoryGateway(over: Partial<GatewayOptions> = {}): Gateway & { readonly log: MemoryLog } {
  const log = memoryLog();
  functionsOn(log);
  return { ...gatewayOn(log, over), log };
}

/** Every field that some answer has; a test looks at those of its own. */
export interface Body {
  readonly session: SessionId;
  readonly sessionId: string;
  readonly id: string;
  readonly turn: string;
  readonly position: number;
  readonly ending: string;
  readonly reply: { readonly text: string };
  readonly events: readonly PublicEvent[];
  readonly next: number | null;
  readonly errors?: readonly FieldError[];
}

/** What a test sees of an answer. */
export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface Client {
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Seen>;
  get(path: string, headers?: Record<string, string>): Promise<Seen>;
}

type Fetch = (path: string, init: RequestInit) => Response | Promise<Response>;

/** Somebody who uses a gateway; a string body is sent as it is. */
export function clientOf(fetch: Fetch, key = ACME): Client {
  const ask = async (
    path: string,
    init: Omit<RequestInit, 'headers'> & { headers: Record<string, string> },
  ): Promise<Seen> => {
    const response = await fetch(path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });
    const text = await response.text();
    const { status, headers } = response;
    return { status, headers, body: JSON.parse(text) as Body };
  };
  return {
    post: (path, body, headers = {}) =>
      ask(path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    get: (path, headers = {}) => ask(path, { headers }),
  };
}

/** Somebody who uses a gateway in this process. */
export const clientIn = ({ app }: Pick<Gateway, 'app'>, key = ACME): Client =>
  clientOf((path, init) => app.request(path, init), key);
