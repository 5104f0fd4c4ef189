import { policyDecided } from '../../events/decision.ts';
import { ticketWritten } from '../../events/desk.ts';
import type { TenantId } from '../../events/envelope.ts';
import { targetOf } from '../../shared/egress/target.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { Tenant, Tenants } from '../../shared/tenancy/tenants.ts';
import type { Endpoint } from './handler.ts';
import type { Addressed } from './provision.ts';
import { isSecret } from '../../shared/egress/signature.ts';

/** Where something goes, for each tenant that has an address for it. */
export type Endpoints = ReadonlyMap<TenantId, Endpoint>;

/** The addresses in a tenant's configuration: for replies to customers, and for a desk of its own. */
export type Address = 'webhook' | 'deskWebhook';

/**
 * Reads the endpoints out of the tenants' configuration. `secret` reads the variable that it names: one secret, or the
 * new and the old one while they are being changed, separated by a space. Fails with `tenants.invalid` or
 * `tenants.secret-missing` (never), at start, naming the tenant and never a value.
 */
export function endpointsOf(
  tenants: Tenants,
  secret: (variable: string) => string | undefined,
  address: Address = 'webhook',
): Endpoints {
  return new Map(
    [...tenants.values()].flatMap(({ id, [address]: webhook }) =>
      webhook ? [[id, endpointOf(id, webhook, secret)] as const] : [],
    ),
  );
}

/** Where an event of a tenant goes: to the desk, or to the channel, which also gets tickets where there is no desk. */
export const addressing =
  (channels: Endpoints, desks: Endpoints) =>
  (tenant: TenantId, type: string): Endpoint | undefined => {
    if (type === ticketWritten.type) return desks.get(tenant) ?? channels.get(tenant);
    return type === policyDecided.type ? desks.get(tenant) : channels.get(tenant);
  };

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

/** The tenants that have an address. */
export const withAddress = (tenants: Tenants): Addressed => {
  const having = (address: Address) =>
    [...tenants.values()].filter((tenant) => tenant[address] !== undefined).map(({ id }) => id);
  return { channels: having('webhook'), desks: having('deskWebhook') };
};
