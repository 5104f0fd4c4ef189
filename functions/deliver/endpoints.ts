import type { TenantId } from '../../events/envelope.ts';
import { targetOf } from '../../shared/egress/target.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { Tenant, Tenants } from '../../shared/tenancy/tenants.ts';
import type { Endpoint } from './handler.ts';
import { isSecret } from './signature.ts';

/** Where the replies of each tenant go that has an address. */
export type Endpoints = ReadonlyMap<TenantId, Endpoint>;

/**
 * Reads the endpoints out of the tenants' configuration. `secret` reads the variable that it names: one secret, or the
 * new and the old one while they are being changed, separated by a space. Fails with `tenants.invalid` or
 * `tenants.secret-missing` (never), at start, naming the tenant and never a value.
 */
export function endpointsOf(tenants: Tenants, secret: (variable: string) => string | undefined): Endpoints {
  return new Map(
    [...tenants.values()].flatMap(({ id, webhook }) =>
      webhook ? [[id, endpointOf(id, webhook, secret)] as const] : [],
    ),
  );
}

function endpointOf(
  tenant: TenantId,
  { url, secretFrom, allowPrivate = false }: NonNullable<Tenant['webhook']>,
  secret: (variable: string) => string | undefined,
): Endpoint {
  const secrets = (secret(secretFrom) ?? '').split(/\s+/u).filter((s) => s !== '');
  if (secrets.length === 0) {
    throw new PlatformError('tenants.secret-missing', `the variable ${secretFrom} is not set`, { retry: 'never' });
  }
  if (!secrets.every(isSecret)) {
    const message = `the variable ${secretFrom} is not a secret: whsec_ and 24 to 64 bytes in base 64`;
    throw new PlatformError('tenants.invalid', message, { retry: 'never' });
  }
  return { name: nameOf(tenant, url, allowPrivate), url, secrets, allowPrivate };
}

/** The host: tells an operator which address it was, also after it has changed, and keeps tokens in the path out. */
function nameOf(tenant: TenantId, url: string, allowPrivate: boolean): string {
  try {
    return (
      targetOf(url, allowPrivate)
        .hostname.replace(/[^\p{L}\p{N}.-]+/gu, '-')
        .replace(/^-+/u, '') || 'webhook'
    );
  } catch (cause) {
    const why = cause instanceof PlatformError ? cause.message : 'is not a URL';
    throw new PlatformError('tenants.invalid', `tenant ${tenant}: webhook: ${why}`, { retry: 'never', cause });
  }
}

/** The tenants whose replies are pushed somewhere. */
export const withAddress = (tenants: Tenants): readonly TenantId[] =>
  [...tenants.values()].filter(({ webhook }) => webhook !== undefined).map(({ id }) => id);
