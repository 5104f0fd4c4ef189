import type { TenantId } from '../../events/envelope.ts';
import { isSecret } from '../../shared/egress/signature.ts';
import { targetOf } from '../../shared/egress/target.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { Tenant, Tenants } from '../../shared/tenancy/tenants.ts';

/** How the systems of a tenant are reached. */
export interface Connection {
  /** Where addresses of actions begin that are paths. */
  readonly url?: string;
  /** What requests are signed with; more than one while they are being changed. */
  readonly secrets: readonly string[];
  /** Values of headers, by the names that bots have for them. */
  readonly headers: ReadonlyMap<string, string>;
  /** The servers are the operator's own. */
  readonly allowPrivate: boolean;
}

/** A tenant about which nothing is said: only whole addresses on the internet, unsigned. */
export const UNKNOWN: Connection = { secrets: [], headers: new Map(), allowPrivate: false };

/**
 * Reads out of the tenants' configuration how their systems are reached. `secret` reads the variable that it names.
 * Fails with `tenants.invalid` or `tenants.secret-missing` (never), at start, naming the tenant and never a value.
 */
export const connectionsOf = (
  tenants: Tenants,
  secret: (variable: string) => string | undefined,
): ReadonlyMap<TenantId, Connection> =>
  new Map(
    [...tenants.values()].flatMap(({ id, actions }) =>
      actions ? [[id, connectionOf(id, actions, secret)] as const] : [],
    ),
  );

function connectionOf(
  tenant: TenantId,
  { url, secretFrom, headers = {}, allowPrivate = false }: NonNullable<Tenant['actions']>,
  secret: (variable: string) => string | undefined,
): Connection {
  const valueOf = (variable: string): string => {
    const value = (secret(variable) ?? '').trim();
    if (value !== '') return value;
    throw new PlatformError('tenants.secret-missing', `the variable ${variable} is not set`, { retry: 'never' });
  };
  const secrets = secretFrom === undefined ? [] : valueOf(secretFrom).split(/\s+/u);
  if (!secrets.every(isSecret)) {
    throw invalid(`the variable ${secretFrom ?? ''} is not a secret: whsec_ and 24 to 64 bytes in base 64`);
  }
  const values = Object.entries(headers).map(([name, variable]) => [name, valueOf(variable), variable] as const);
  const wrong = values.find(([, value]) => !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/u.test(value));
  if (wrong) throw invalid(`the variable ${wrong[2]} is not the value of a header`);
  if (url !== undefined) checkUrl(tenant, url, allowPrivate);
  return {
    ...(url !== undefined && { url: url.replace(/\/+$/u, '') }),
    secrets,
    headers: new Map(values.map(([name, value]) => [name, value])),
    allowPrivate,
  };
}

function checkUrl(tenant: TenantId, url: string, allowPrivate: boolean): void {
  try {
    targetOf(url, allowPrivate);
  } catch (cause) {
    const why = cause instanceof PlatformError ? cause.message : 'is not a URL';
    throw invalid(`tenant ${tenant}: actions: ${why}`, cause);
  }
}

const invalid = (message: string, cause?: unknown) =>
  new PlatformError('tenants.invalid', message, { retry: 'never', cause });
