import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TenantId } from '../../events/envelope.ts';
import type { Agent } from './agent.ts';
import type { Tenants } from './tenants.ts';

const KEY = /^ts_([a-z0-9][a-z0-9-]{0,31})_[\w-]{16,128}$/u;
const RANDOM_BYTES = 24;

/** A new API key of a tenant; only its hash goes into the configuration. */
export const newApiKey = (tenant: string): string => `ts_${tenant}_${randomBytes(RANDOM_BYTES).toString('base64url')}`;

/** What the configuration keeps of an API key. */
export const hashOfKey = (key: string): string => hash('sha256', key);

/** Who uses an API key: a tenant, or one of its agents. */
export interface KeyHolder {
  readonly tenant: TenantId;
  readonly agent?: Agent;
}

/** Whom an API key belongs to. Takes the same time whatever the difference is. */
export function holderOfKey(tenants: Tenants, key: string): KeyHolder | undefined {
  const id = KEY.exec(key)?.[1];
  const tenant = id === undefined ? undefined : tenants.get(id as TenantId);
  if (!tenant) return undefined;
  const given = hash('sha256', key, 'buffer');
  let holder: KeyHolder | undefined;
  for (const expected of tenant.keys) if (equal(given, expected)) holder = { tenant: tenant.id };
  for (const [name, { keys, skills }] of Object.entries(tenant.agents ?? {})) {
    const agent = { name, ...(skills && { skills }) };
    for (const expected of keys) if (equal(given, expected)) holder ??= { tenant: tenant.id, agent };
  }
  return holder;
}

const equal = (given: Buffer, expected: string): boolean => timingSafeEqual(given, Buffer.from(expected, 'hex'));
