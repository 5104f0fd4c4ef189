import { hash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify, type JWK, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import * as v from 'valibot';
import type { TenantId } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import { Agent } from './agent.ts';
import type { Tenant, Tenants } from './tenants.ts';

/** Whom a token speaks for. */
export interface Subject {
  readonly tenant: TenantId;
  /** The subject of a token without a role. */
  readonly user?: string;
  /** Of a token with the role `agent`: by its claims `name`, or else `sub`, and `skills`. */
  readonly agent?: Agent;
}

/** Verifies a token; undefined where it is not believed. */
export type Tokens = (token: string) => Promise<Subject | undefined>;

/** A revoked key may be believed for this long. */
const REMEMBERED_MS = 60_000;
const REMEMBERED = 10_000;
const CLOCK_TOLERANCE_S = 5;
const MAX_SUBJECT = 256;
const MIN_SECRET_BYTES = 32;

type Key = Parameters<typeof jwtVerify>[1] & (object | Uint8Array);

interface Issuer {
  readonly tenant: Tenant;
  readonly jwt: NonNullable<Tenant['jwt']>;
  readonly keys: readonly { readonly kid: string | undefined; readonly key: Key }[];
}

/**
 * Tokens of the tenants' own issuers. The algorithms and the keys are those of the configuration: nothing in a token's
 * header chooses a key from elsewhere. `secret` reads a variable that the configuration names; one that is missing
 * fails with `tenants.secret-missing` (never), at start.
 */
export async function tokensOf(
  tenants: Tenants,
  options: { readonly secret: (variable: string) => string | undefined; readonly now: () => Date },
): Promise<Tokens> {
  const { secret, now } = options;
  const issuers: Issuer[] = [];
  for (const tenant of tenants.values()) {
    if (tenant.jwt) issuers.push({ tenant, jwt: tenant.jwt, keys: await keysOf(tenant.jwt, secret) });
  }
  const believed = new LRUCache<string, { readonly subject: Subject; readonly until: number }>({ max: REMEMBERED });

  return async (token) => {
    const at = now().getTime();
    const digest = hash('sha256', token, 'base64');
    const known = believed.get(digest);
    if (known && known.until > at) return known.subject;
    const verified = await verify(issuers, token, now());
    if (!verified) return undefined;
    const until = Math.min(at + REMEMBERED_MS, (verified.payload.exp ?? 0) * 1_000);
    believed.set(digest, { subject: verified.subject, until });
    return verified.subject;
  };
}

async function verify(issuers: readonly Issuer[], token: string, currentDate: Date) {
  const claimed = unverified(token);
  // Only says whose keys to try: the tenant is the one whose key fits.
  const candidates = issuers.filter(
    ({ jwt, tenant }) => jwt.issuer === claimed?.iss && tenant.id === claimed['tenant'],
  );
  for (const { tenant, jwt, keys } of candidates) {
    for (const { kid, key } of keys) {
      if (kid !== undefined && claimed?.kid !== undefined && kid !== claimed.kid) continue;
      const options = {
        algorithms: [...jwt.algorithms],
        issuer: jwt.issuer,
        audience: jwt.audience,
        requiredClaims: ['exp', 'sub', 'tenant'],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate,
      };
      const payload = await jwtVerify(token, key, options).then(
        (result) => result.payload,
        () => undefined,
      );
      const { sub: user } = payload ?? {};
      if (payload?.['tenant'] !== tenant.id || typeof user !== 'string') continue;
      if (user.length === 0 || user.length > MAX_SUBJECT || !user.isWellFormed()) continue;
      const subject = subjectOf(tenant, user, payload);
      return subject && { payload, subject };
    }
  }
  return undefined;
}

/** Undefined where an agent's token has a name or skills that the log cannot hold. */
function subjectOf({ id: tenant }: Tenant, user: string, claims: JWTPayload): Subject | undefined {
  if (claims['role'] !== 'agent') return { tenant, user };
  const { name = user, skills } = claims;
  const agent = v.safeParse(Agent, { name, ...(skills !== undefined && { skills }) });
  return agent.success ? { tenant, agent: agent.output } : undefined;
}

function unverified(token: string): (JWTPayload & { readonly kid: string | undefined }) | undefined {
  try {
    return { ...decodeJwt(token), kid: decodeProtectedHeader(token).kid };
  } catch {
    return undefined;
  }
}

async function keysOf(
  jwt: NonNullable<Tenant['jwt']>,
  secret: (variable: string) => string | undefined,
): Promise<Issuer['keys']> {
  if ('secretFrom' in jwt) {
    const value = secret(jwt.secretFrom);
    // Shorter ones can be guessed from a token.
    if (!value || Buffer.byteLength(value) < MIN_SECRET_BYTES) {
      throw new PlatformError(
        'tenants.secret-missing',
        `the variable ${jwt.secretFrom} is not set, or shorter than ${MIN_SECRET_BYTES} bytes`,
        {
          retry: 'never',
        },
      );
    }
    return [{ kid: undefined, key: new TextEncoder().encode(value) }];
  }
  const imported: { kid: string | undefined; key: Key }[] = [];
  for (const jwk of jwt.keys) {
    // A key is used with the algorithm it names, else with each of the allowed ones that suits its type.
    for (const alg of jwk.alg === undefined ? jwt.algorithms : [jwk.alg]) {
      const key = await importJWK(jwk as JWK, alg).catch(() => undefined);
      if (key) imported.push({ kid: jwk.kid, key });
    }
  }
  if (imported.length === 0) {
    throw new PlatformError('tenants.invalid', `no key of ${jwt.issuer} suits its algorithms`, { retry: 'never' });
  }
  return imported;
}
