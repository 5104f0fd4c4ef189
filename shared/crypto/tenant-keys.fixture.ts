import { randomBytes } from 'node:crypto';
import { tenantKey, type TenantKeys } from './tenant-keys.ts';

/** A random key for each tenant. For tests. */
export const tenantKeysOf = (...tenants: readonly string[]): TenantKeys =>
  new Map(tenants.map((tenant) => [tenant, [tenantKey(randomBytes(32))]]));
