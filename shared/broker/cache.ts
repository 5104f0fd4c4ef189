import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Environment, Failed } from './command.ts';
import { inspect } from './inspect.ts';
import type { Usable } from './inspect.ts';

/** Longer than any route takes; a lock older than this was left by a machine that stopped. */
const STALE_MS = 15 * 60_000;
const POLL_MS = 100;
const MAKING = '.making-';

/** Puts a nats-server into this folder, or says why not. */
export type Fill = (dir: string) => Promise<{ readonly kind: 'done'; readonly file: string } | Failed>;

/** Where fetched servers are kept: the user's cache folder, so that every checkout on the machine shares them. */
export function defaultCache(env: Environment): string {
  // The XDG specification has relative paths ignored.
  const xdg = env['XDG_CACHE_HOME'];
  return join(xdg?.startsWith('/') ? xdg : join(homedir(), '.cache'), 'turnstream');
}

/**
 * Fills `<cache>/<name>` with a checked binary, all or nothing: it is made in a folder of its own beside the place and
 * renamed, so that no other process ever sees half of it, and nothing is left behind when it fails.
 */
export async function place(cache: string, name: string, env: Environment, fill: Fill): Promise<Usable | Failed> {
  const temporary = await mkdtemp(join(cache, MAKING));
  const home = join(cache, name);
  try {
    const filled = await fill(temporary);
    if (filled.kind === 'failed') return filled;
    const made = await inspect(join(temporary, filled.file), env);
    if (made.kind === 'failed') return made;
    const path = join(home, filled.file);
    const placed = await rename(temporary, home).then(
      () => true,
      () => false,
    );
    if (!placed) {
      // Another process was first, or something unusable lies there.
      const there = await inspect(path, env);
      if (there.kind === 'usable') return there;
      await rm(home, { recursive: true, force: true });
      await rename(temporary, home);
    }
    return { ...made, path };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * Runs `work` while no other process on this machine does. Only to save them the same download: `place` is right
 * without it, so a lock that was left behind may be broken by age.
 */
export async function alone<T>(cache: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  await mkdir(cache, { recursive: true });
  const lock = join(cache, 'fetching.lock');
  for (let waited = false; !(await take(lock)); waited = true) {
    if (!waited) onWait();
    if (await isLeft(lock)) await rm(lock, { force: true });
    else await delay(POLL_MS);
  }
  try {
    await sweep(cache);
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Removes what processes that were killed have left. */
async function sweep(cache: string): Promise<void> {
  for (const name of (await readdir(cache)).filter((entry) => entry.startsWith(MAKING))) {
    if (await isOld(join(cache, name))) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  return writeFile(lock, String(process.pid), { flag: 'wx' }).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    },
  );
}

/** Whether whoever took the lock is gone. */
async function isLeft(lock: string): Promise<boolean> {
  try {
    if (await isOld(lock)) return true;
    const pid = Number(await readFile(lock, 'utf8'));
    // Empty between its making and its writing.
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

async function isOld(file: string): Promise<boolean> {
  // What has just gone is not old.
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > STALE_MS;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
