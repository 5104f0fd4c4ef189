import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import * as v from 'valibot';
import { PlatformError } from '../errors/index.ts';
import type { SessionRef } from '../log/log.ts';
import { openWith, sealWith } from './seal.ts';
import type { TenantKey, TenantKeys } from './tenant-keys.ts';

const KEY_BYTES = 32;

/** What stands on a session's subject: its key, wrapped with the tenant's, or the sign that it was destroyed. */
const KeyRecord = v.union([
  v.strictObject({ wrappedBy: v.string(), key: v.string() }),
  /** `replaces`: the place of the key, so that an interrupted erasure can be finished. 0: there was none. */
  v.strictObject({ erasedAt: v.string(), replaces: v.number() }),
]);
export type KeyRecord = v.InferOutput<typeof KeyRecord>;

/** Reads a record. Fails with `key.malformed` (never). */
export function readKeyRecord(data: Uint8Array): KeyRecord {
  try {
    return v.parse(KeyRecord, JSON.parse(Buffer.from(data).toString('utf8')));
  } catch {
    throw new PlatformError('key.malformed', 'the record of a key is malformed', { retry: 'never' });
  }
}

/** Makes the key of a session, and the record that keeps it. Fails with `key.no-tenant-key` (later). */
export function newSessionKey(keys: TenantKeys, ref: SessionRef): { readonly key: KeyObject; readonly record: string } {
  const [newest] = keysOf(keys, ref);
  if (!newest) throw noTenantKey(ref);
  const key = randomBytes(KEY_BYTES);
  const wrapped = sealWith(newest.key, placeOf(ref), key).toString('base64');
  return {
    key: createSecretKey(key),
    record: JSON.stringify({ wrappedBy: newest.id, key: wrapped } satisfies KeyRecord),
  };
}

/** Unwraps the key of a session. Fails with `key.no-tenant-key` (later), or with `cipher.refused` (never). */
export function unwrap(keys: TenantKeys, ref: SessionRef, record: Extract<KeyRecord, { key: string }>): KeyObject {
  const wrapping = keysOf(keys, ref).find(({ id }) => id === record.wrappedBy);
  if (!wrapping) throw noTenantKey(ref);
  return createSecretKey(openWith(wrapping.key, placeOf(ref), Buffer.from(record.key, 'base64')));
}

const keysOf = (keys: TenantKeys, { tenant }: SessionRef): readonly TenantKey[] => keys.get(tenant) ?? [];

/** A wrapped key opens on its own subject only. */
const placeOf = ({ tenant, session }: SessionRef): string => `key\n${tenant}\n${session}`;

// A key can still be configured, so this does not condemn the event.
const noTenantKey = ({ tenant }: SessionRef) =>
  new PlatformError('key.no-tenant-key', `the key of tenant ${tenant} that is needed is not configured`, {
    retry: 'later',
    retryAfterMs: 5_000,
  });
