import { LRUCache } from 'lru-cache';
import type { TenantId } from '../../events/envelope.ts';
import type { Agent } from './agent.ts';
import { holderOfKey } from './api-key.ts';
import type { Tenants } from './tenants.ts';
import type { Tokens } from './tokens.ts';

/** Who is asking: a tenant's own system, one of its users, or one of its agents. */
export interface Caller {
  readonly tenant: TenantId;
  /** The subject of a user's token. Absent for a tenant's API key, which may do everything within its tenant. */
  readonly user?: string;
  /** Whoever answers customers: may do that, and nothing else. */
  readonly agent?: Agent;
}

/** What a request shows of itself. */
export interface Credentials {
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  /** The `Host` header. */
  readonly host: string | undefined;
}

/** Undefined: nobody that is known. A token takes a promise, an API key does not. */
export type Authenticate = (credentials: Credentials) => Caller | undefined | Promise<Caller | undefined>;

/** The tenant of whoever has no key, where that is allowed. */
export const DEMO = 'demo' as TenantId;

const BEARER = /^Bearer +([\w\-.~+/=]+)$/iu;
// A page on another site could make a browser ask under a name of its own that leads here (DNS rebinding).
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/iu;

const BELIEVED = 1_000;

/** Authenticates requests. `openDemo`: who shows no key on this machine belongs to the demo tenant. */
export function authenticator(options: {
  readonly tenants: Tenants;
  readonly tokens?: Tokens;
  readonly openDemo: boolean;
}): Authenticate {
  const { tenants, tokens, openDemo } = options;
  const demo: Caller = { tenant: DEMO };
  // Found by the hash of the header, so how long it takes says nothing about a key that is only nearly right.
  const believed = new LRUCache<string, Caller>({ max: BELIEVED });
  return ({ authorization, host }) => {
    if (authorization === undefined) return openDemo && host !== undefined && LOOPBACK.test(host) ? demo : undefined;
    const before = believed.get(authorization);
    if (before) return before;
    const bearer = BEARER.exec(authorization)?.[1];
    if (bearer === undefined) return undefined;
    if (!bearer.startsWith('ts_')) return tokens?.(bearer);
    const caller = holderOfKey(tenants, bearer);
    if (caller) believed.set(authorization, caller);
    return caller;
  };
}
