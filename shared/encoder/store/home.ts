import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCache } from '../../broker/cache.ts';
import { sha256Of } from '../fingerprint.ts';
import type { PinnedModel } from '../models.ts';
import { readLocks, writeLock, type Locks } from './lock.ts';

/** What a file should be. */
export interface Expected {
  readonly path: string;
  readonly bytes: number | undefined;
  readonly sha256: string | undefined;
}

/** Where models are kept when nothing else is said: the user's cache, shared by every checkout on the machine. */
export const defaultHome = (env: NodeJS.ProcessEnv): string => join(defaultCache(env), 'models');

/** A model's folder. */
export const folderOf = (home: string, name: string): string => join(home, name);

/** Where a model is put together before it takes its place. */
export const stagingOf = (home: string, name: string): string => join(home, '.pulling', name);

/** Names of the models in a folder. */
export async function modelsIn(home: string): Promise<readonly string[]> {
  const entries = await readdir(home, { withFileTypes: true }).catch(() => []);
  return entries.filter((e) => e.isDirectory() && !e.name.startsWith('.')).map((e) => e.name);
}

/** The files that a model consists of: the list's checksums, else those that its first pull pinned. */
export function expectedOf(model: PinnedModel, locks: Locks): readonly Expected[] {
  const locked = locks[model.name];
  const before = locked?.revision === model.revision ? locked.files : {};
  const pulled = model.files.map(({ path, bytes, sha256 }) => ({
    path,
    bytes: bytes ?? before[path]?.bytes,
    sha256: sha256 ?? before[path]?.sha256,
  }));
  return [...pulled, ...settingsOf(model).map(({ text: _, ...expected }) => expected)];
}

/** The files that are written here and not fetched. */
export function settingsOf(model: PinnedModel): readonly (Expected & { readonly text: string })[] {
  return Object.entries(model.settings).map(([path, value]) => {
    const text = `${JSON.stringify(value, undefined, 2)}\n`;
    const sha256 = createHash('sha256').update(text).digest('hex');
    return { path, text, bytes: Buffer.byteLength(text), sha256 };
  });
}

/** Whether a file is there and what it should be. A file that nobody has pinned only has to be there. */
export async function isRight(dir: string, { path, bytes, sha256 }: Expected): Promise<boolean> {
  const found = await stat(join(dir, path)).catch(() => undefined);
  if (!found?.isFile() || (bytes !== undefined && found.size !== bytes)) return false;
  return sha256 === undefined || (await sha256Of(join(dir, path))) === sha256;
}

/** The files of a folder that are missing or not what they should be. */
export async function wrongFiles(dir: string, expected: readonly Expected[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const file of expected) if (!(await isRight(dir, file))) wrong.push(file.path);
  return wrong;
}

/** Bytes of a model's files on disk. */
export async function bytesOf(dir: string): Promise<number> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  const sizes = await Promise.all(files.map((file) => stat(file)));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

/** Takes a model away, with what a pull may have left half done. Answers whether there was one. */
export async function removeModel(home: string, name: string): Promise<boolean> {
  const there = (await modelsIn(home)).includes(name) || name in (await readLocks(home));
  await rm(folderOf(home, name), { recursive: true, force: true });
  await rm(stagingOf(home, name), { recursive: true, force: true });
  if (there) await writeLock(home, name, undefined);
  return there;
}
