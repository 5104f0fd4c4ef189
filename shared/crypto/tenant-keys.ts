import { createSecretKey, hash, randomBytes, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { TenantId } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import { replaceFile } from '../files/replace.ts';

/** A key that wraps other keys, and the name by which a wrapped key says which one it needs. */
export interface TenantKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** The keys of each tenant: the first wraps new keys, the others are kept for what they have wrapped. */
export type TenantKeys = ReadonlyMap<string, readonly TenantKey[]>;

const KEY_BYTES = 32;
const hexKey = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/u));
const KeyFile = v.record(TenantId, v.pipe(v.array(hexKey), v.minLength(1)));
type KeyFile = v.InferOutput<typeof KeyFile>;

/**
 * Reads the tenants' keys: a JSON object with a list of 64 hexadecimal digits for each tenant, newest first. Fails
 * with `config.invalid` (never), naming the tenant and never the key.
 */
export const readTenantKeys = async (path: string): Promise<TenantKeys> => keysIn(await readKeyFile(path));

/** The same, where every tenant that has no key yet gets one. For a platform on one machine. */
export async function ensureTenantKeys(path: string, tenants: readonly string[]): Promise<TenantKeys> {
  const kept = await readKeyFile(path, {});
  const missing = tenants.filter((tenant) => kept[tenant as TenantId] === undefined);
  if (missing.length === 0) return keysIn(kept);
  const made = Object.fromEntries(missing.map((tenant) => [tenant, [randomBytes(KEY_BYTES).toString('hex')]]));
  const all = { ...kept, ...made };
  // Half a file of keys would be all conversations lost.
  await replaceFile(path, `${JSON.stringify(all, undefined, 2)}\n`, 0o600);
  return keysIn(all);
}

const keysIn = (file: KeyFile): TenantKeys =>
  new Map(
    Object.entries(file).map(([tenant, keys]) => [tenant, keys.map((hex) => tenantKey(Buffer.from(hex, 'hex')))]),
  );

/** A tenant's key from its 32 bytes. */
export const tenantKey = (bytes: Buffer): TenantKey => ({
  key: createSecretKey(bytes),
  id: hash('sha256', bytes).slice(0, 8),
});

async function readKeyFile(path: string, absent?: KeyFile): Promise<KeyFile> {
  const invalid = (why: string, cause?: unknown) =>
    new PlatformError('config.invalid', `the file of tenants' keys ${why}`, { retry: 'never', cause });
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (absent && (cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw invalid('cannot be read', cause);
  });
  if (text === undefined) return absent ?? {};
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The cause would quote a part of the file.
    throw invalid('is not JSON');
  }
  const parsed = v.safeParse(KeyFile, json);
  if (parsed.success) return parsed.output;
  throw invalid(`is wrong at ${v.getDotPath(parsed.issues[0])?.split('.')[0] ?? 'its root'}`);
}
