import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { namesObjects, ObjectsConfig } from '../shared/archive/config.ts';
import { PlatformError } from '../shared/errors/index.ts';

/** What a running `turnstream up` writes down for the other commands: where it can be reached, and as whom. */
export const PlatformFile = v.object({
  natsUrl: v.string(),
  /** The gateway's address. */
  url: v.string(),
  user: v.exactOptional(v.string()),
  password: v.exactOptional(v.string()),
  /** Path of the file with the tenants' keys; absent: events are stored as they are. */
  tenantKeys: v.exactOptional(v.string()),
  /** The folder that the archive is written to. */
  archive: v.exactOptional(v.string()),
  /** Who models are tried out as. */
  shadow: v.exactOptional(v.object({ user: v.string(), password: v.string() })),
});
export type PlatformFile = v.InferOutput<typeof PlatformFile>;

/** The file's place in a platform's folder. */
export const platformFileIn = (dir: string): string => join(dir, 'platform.json');

const Environment = v.object({
  TURNSTREAM_DIR: v.optional(v.string(), '.turnstream'),
  TURNSTREAM_NATS_URL: v.exactOptional(v.string()),
  TURNSTREAM_NATS_USER: v.exactOptional(v.string()),
  TURNSTREAM_NATS_PASSWORD: v.exactOptional(v.string()),
  TURNSTREAM_TENANT_KEYS: v.exactOptional(v.string()),
  TURNSTREAM_SHADOW_USER: v.exactOptional(v.string()),
  TURNSTREAM_SHADOW_PASSWORD: v.exactOptional(v.string()),
  ...ObjectsConfig.entries,
  TURNSTREAM_URL: v.exactOptional(v.string()),
  TURNSTREAM_API_KEY: v.exactOptional(v.string()),
});

/** Where a command finds the platform: options first, then the environment, then the platform that runs here. */
export interface Places {
  readonly nats: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly tenantKeys: string | undefined;
  /** The user that may read conversations and write none of it; undefined where nobody has named one. */
  readonly shadow: { readonly user: string; readonly password: string } | undefined;
  /** Where the archive is kept; its folder is undefined where nothing names a place. */
  readonly objects: ObjectsConfig;
  readonly url: string;
  readonly apiKey: string | undefined;
}

export interface GivenPlaces {
  readonly nats?: string | undefined;
  readonly url?: string | undefined;
  readonly key?: string | undefined;
}

/** Reads the environment and, where that leaves something open, the file of the platform that runs in this folder. */
export async function placesOf(given: GivenPlaces, env: NodeJS.ProcessEnv = process.env): Promise<Places> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const from = v.parse(Environment, set);
  const local = await readPlatformFile(from.TURNSTREAM_DIR);
  const nats = given.nats ?? from.TURNSTREAM_NATS_URL;
  // Another server than the local platform's has other users.
  const own = nats === undefined || nats === local?.natsUrl ? local : undefined;
  return {
    nats: nats ?? local?.natsUrl ?? 'nats://127.0.0.1:4222',
    user: from.TURNSTREAM_NATS_USER ?? own?.user,
    password: from.TURNSTREAM_NATS_PASSWORD ?? own?.password,
    tenantKeys: from.TURNSTREAM_TENANT_KEYS ?? own?.tenantKeys,
    shadow:
      from.TURNSTREAM_SHADOW_USER === undefined
        ? own?.shadow
        : { user: from.TURNSTREAM_SHADOW_USER, password: from.TURNSTREAM_SHADOW_PASSWORD ?? '' },
    objects: namesObjects(from) || !own?.archive ? from : { ...from, TURNSTREAM_ARCHIVE_DIR: own.archive },
    url: (given.url ?? from.TURNSTREAM_URL ?? local?.url ?? 'http://127.0.0.1:8080').replace(/\/+$/u, ''),
    apiKey: given.key ?? from.TURNSTREAM_API_KEY,
  };
}

async function readPlatformFile(dir: string): Promise<PlatformFile | undefined> {
  const file = platformFileIn(dir);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return v.parse(PlatformFile, JSON.parse(text));
  } catch (cause) {
    throw new PlatformError('config.invalid', `${file} is damaged`, { retry: 'never', cause });
  }
}
