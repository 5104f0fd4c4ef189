import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Tenant, Tenants } from './tenants.ts';

const KEY = /^ts_([a-z0-9][a-z0-9-]{0,31})_[\w-]{16,128}$/u;
const RANDOM_BYTES = 24;

/** A new API key of a tenant; only its hash goes into the configuration. */
export const newApiKey = (tenant: string): string => `ts_${tenant}_${randomBytes(RANDOM_BYTES).toString('base64url')}`;

/** What the configuration keeps of an API key. */
export const hashOfKey = (key: string): string => hash('sha256', key);

/** The tenant that an API key belongs to. Takes the same time whatever the difference is. */
export function tenantOfKey(tenants: Tenants, key: string): Tenant | undefined {
  const id = KEY.exec(key)?.[1];
  const tenant = id === undefined ? undefined : tenants.get(id as Tenant['id']);
  if (!tenant) return undefined;
  const given = hash('sha256', key, 'buffer');
  let known = false;
  for (const expected of tenant.keys) known = timingSafeEqual(given, Buffer.from(expected, 'hex')) || known;
  return known ? tenant : undefined;
}
