import { join } from 'node:path';
import { PlatformError } from '../errors/index.ts';
import { buildWithGo } from './build.ts';
import { alone, defaultCache, place } from './cache.ts';
import { failed, onPath, reasonOf } from './command.ts';
import type { Environment, Failed } from './command.ts';
import { fetchFromDebian } from './debian.ts';
import { inspect } from './inspect.ts';
import type { Usable } from './inspect.ts';
import { fetchRelease } from './release.ts';
import { MINIMUM, PINNED } from './version.ts';

/** A nats-server that runs here and is new enough, and how it was come by. */
export interface FoundServer {
  readonly path: string;
  readonly version: string;
  readonly route: Route;
}

export type Route = 'configured' | 'path' | 'cache' | 'release' | 'go' | 'debian';

export interface FindOptions {
  readonly env: Environment;
  /** The binary the configuration names (TURNSTREAM_NATS_SERVER); then no other is looked for. */
  readonly server?: string | undefined;
  /** Where fetched servers are kept; by default the user's cache folder. */
  readonly cacheDir?: string | undefined;
  readonly onProgress?: ((text: string) => void) | undefined;
  /** What stands outside this process, for tests. */
  readonly world?: Partial<World> | undefined;
}

/** Where the routes lead. */
export interface World {
  readonly releases: string;
  readonly checksums: Readonly<Record<string, string>> | undefined;
  readonly platform: NodeJS.Platform;
  readonly processor: string;
  readonly goFolders: readonly string[];
  readonly aptFolder: string;
  readonly downloadLimitMs: number;
  readonly buildLimitMs: number;
}

const WORLD: World = {
  releases: 'https://github.com/nats-io/nats-server/releases/download',
  checksums: undefined,
  platform: process.platform,
  processor: process.arch,
  goFolders: ['/usr/local/go/bin'],
  aptFolder: '/etc/apt',
  downloadLimitMs: 120_000,
  buildLimitMs: 600_000,
};

/** Debian's version is not the pinned one, so it is kept apart from it. */
const PLACES = { pinned: `nats-server-${PINNED}`, debian: 'nats-server-debian' };

interface Step {
  readonly route: Route;
  readonly look: () => Promise<Usable | Failed>;
}

/**
 * Finds a nats-server that runs here and is new enough: on PATH, in the cache, or fetched into the cache by the first
 * route that works. When none does, one error names every route, why it failed and what to do.
 */
export async function findServer(options: FindOptions): Promise<FoundServer> {
  const { env, server, onProgress = () => undefined } = options;
  const world = { ...WORLD, ...options.world };
  const cache = options.cacheDir ?? defaultCache(env);
  const binary = world.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

  if (server !== undefined) {
    const configured = await inspect(server, env);
    if (configured.kind === 'usable') return found('configured', configured);
    throw notFound([`configured: ${configured.reason}`]);
  }

  const kept = () =>
    firstUsable(
      [PLACES.pinned, PLACES.debian].map((name) => join(cache, name, binary)),
      env,
    );
  const here: readonly Step[] = [
    { route: 'path', look: async () => firstUsable(await onPath(binary, env), env) },
    { route: 'cache', look: kept },
  ];
  const release = { ...world, url: world.releases, limitMs: world.downloadLimitMs, onProgress };
  const go = { env, limitMs: world.buildLimitMs, platform: world.platform, folders: world.goFolders, onProgress };
  const debian = { env, limitMs: world.downloadLimitMs, folder: world.aptFolder, onProgress };
  const elsewhere: readonly Step[] = [
    { route: 'release', look: () => place(cache, PLACES.pinned, env, (dir) => fetchRelease(dir, release)) },
    { route: 'go', look: () => place(cache, PLACES.pinned, env, (dir) => buildWithGo(dir, go)) },
    { route: 'debian', look: () => place(cache, PLACES.debian, env, (dir) => fetchFromDebian(dir, debian)) },
  ];

  const near = await firstOf(here, () => undefined);
  if ('route' in near) return near;
  onProgress(`no nats-server here (needed: ${MINIMUM}), fetching one`);
  const waiting = () => {
    onProgress('another process is fetching nats-server, waiting for it');
  };
  const far = await alone(cache, waiting, async () => {
    // Another process may have fetched it while this one waited.
    const fetched = await kept();
    return fetched.kind === 'usable' ? found('cache', fetched) : firstOf(elsewhere, onProgress);
  });
  if ('route' in far) return far;
  throw notFound([...near, ...far]);
}

/** The first step that works, or one line for each that did not. */
async function firstOf(
  steps: readonly Step[],
  onProgress: (text: string) => void,
): Promise<FoundServer | readonly string[]> {
  const reasons: string[] = [];
  for (const { route, look } of steps) {
    const result = await look().catch((error: unknown) => failed(reasonOf(error)));
    if (result.kind === 'usable') return found(route, result);
    reasons.push(`${route}: ${result.reason}`);
    onProgress(`${route}: ${result.reason}`);
  }
  return reasons;
}

async function firstUsable(paths: readonly string[], env: Environment): Promise<Usable | Failed> {
  const reasons: string[] = [];
  for (const path of paths) {
    const result = await inspect(path, env);
    if (result.kind === 'usable') return result;
    reasons.push(result.reason);
  }
  return failed(reasons.join('; ') || 'no nats-server there');
}

function found(route: Route, { path, version }: Usable): FoundServer {
  return { path, version, route };
}

function notFound(reasons: readonly string[]): PlatformError {
  const lines = [
    `no usable nats-server (needed: ${MINIMUM})`,
    ...reasons.map((reason) => `  ${reason}`),
    'Put a nats-server on PATH, name one with TURNSTREAM_NATS_SERVER, or install Go and start again.',
  ];
  return new PlatformError('broker.not-found', lines.join('\n'), { retry: 'never' });
}
