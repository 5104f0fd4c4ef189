import { constants, copyFile, mkdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PlatformError } from '../../errors/index.ts';
import { checkModel } from '../check.ts';
import { sha256Of } from '../fingerprint.ts';
import type { PinnedModel } from '../models.ts';
import { alone } from './alone.ts';
import { download, PATIENCE, type Patience } from './download.ts';
import { modelsFault } from './fault.ts';
import { expectedOf, folderOf, isRight, settingsOf, stagingOf, wrongFiles, type Expected } from './home.ts';
import { readLocks, writeLock } from './lock.ts';
import type { Source } from './source.ts';

export interface Pull {
  readonly model: PinnedModel;
  /** The folder of all models. */
  readonly home: string;
  readonly source: Source;
  readonly signal: AbortSignal;
  /** Told after every piece: bytes that are there, and bytes of all files as far as the list tells. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly patience?: Patience;
  /** Tries the model out in its folder, in a process of its own. Fails with `model.invalid`. Default: as an encoder. */
  readonly check?: (dir: string) => Promise<unknown>;
}

/** `present` was there and right already. `firstPinned` are files that only this pull has pinned. */
export interface Pulled {
  readonly outcome: 'pulled' | 'present';
  readonly dir: string;
  readonly firstPinned: readonly string[];
}

/** Left free beside what is fetched. */
const SPARE_BYTES = 64 << 20;

/**
 * Fetches a model, checks every file against its checksum and the whole by running it, and only then puts it in its
 * place in one step: who uses the model sees the old one or the new one. Files that are right already are not fetched
 * again; what has come of the others is gone on with. Fails as `download` does, and with `models.no-space`,
 * `models.busy`, `model.invalid`.
 */
export async function pullModel(pull: Pull): Promise<Pulled> {
  const { model, home } = pull;
  await mkdir(home, { recursive: true });
  const dir = folderOf(home, model.name);
  return alone(`${stagingOf(home, model.name)}.lock`, async () => {
    const expected = expectedOf(model, await readLocks(home));
    const pinned = expected.every(({ sha256 }) => sha256 !== undefined);
    if (pinned && (await wrongFiles(dir, expected)).length === 0) {
      await lockDown(pull, expected, dir);
      return { outcome: 'present', dir, firstPinned: [] };
    }
    const staging = stagingOf(home, model.name);
    await mkdir(staging, { recursive: true });
    await needSpace(home, await missingBytes(staging, expected));
    await fill(pull, expected, staging, dir);
    for (const { path, text } of settingsOf(model)) {
      await mkdir(dirname(join(staging, path)), { recursive: true });
      await writeFile(join(staging, path), text);
    }
    await (pull.check ?? checkModel)(staging).catch(async (error: unknown) => {
      // Fetching the same bytes again would not make them better.
      if (error instanceof PlatformError) await rm(staging, { recursive: true, force: true });
      throw error;
    });
    await lockDown(pull, expected, staging);
    await exchange(staging, dir);
    return { outcome: 'pulled', dir, firstPinned: expected.filter((f) => f.sha256 === undefined).map((f) => f.path) };
  });
}

async function fill(pull: Pull, expected: readonly Expected[], staging: string, dir: string): Promise<void> {
  const { model, source, signal, onProgress = () => undefined, patience = PATIENCE } = pull;
  const total = expected.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  let done = 0;
  for (const file of expected.filter(({ path }) => !(path in model.settings))) {
    const to = join(staging, file.path);
    const pinned = file.sha256 !== undefined;
    if (pinned && !(await isRight(staging, file)) && (await isRight(dir, file))) {
      await mkdir(dirname(to), { recursive: true });
      await copyFile(join(dir, file.path), to, constants.COPYFILE_FICLONE);
    }
    if (!pinned || !(await isRight(staging, file))) {
      const { name, repository, revision } = model;
      await download({
        file,
        to,
        signal,
        patience,
        fetch: (from, validator, limit) =>
          source({ name, repository, revision, path: file.path, from, validator, signal: limit }),
        onBytes: (bytes) => {
          onProgress(done + bytes, total);
        },
      });
    }
    done += (await stat(to)).size;
    onProgress(done, total);
  }
}

async function missingBytes(staging: string, expected: readonly Expected[]): Promise<number> {
  let missing = 0;
  for (const { path, bytes = 0 } of expected) {
    const whole = await stat(join(staging, path)).catch(() => undefined);
    const part = await stat(join(staging, `${path}.part`)).catch(() => undefined);
    missing += Math.max(0, bytes - Math.max(whole?.size ?? 0, part?.size ?? 0));
  }
  return missing;
}

async function needSpace(home: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(home);
  const free = bavail * bsize;
  if (free >= bytes + SPARE_BYTES) return;
  const mega = (n: number) => `${Math.ceil(n / 1e6)} MB`;
  throw modelsFault('no-space', `${mega(bytes + SPARE_BYTES)} are needed in ${home}, and ${mega(free)} are free`);
}

async function lockDown({ model, home }: Pull, expected: readonly Expected[], dir: string): Promise<void> {
  const files: Record<string, { bytes: number; sha256: string }> = {};
  for (const { path, sha256 } of expected) {
    const { size } = await stat(join(dir, path));
    files[path] = { bytes: size, sha256: sha256 ?? (await sha256Of(join(dir, path))) };
  }
  await writeLock(home, model.name, { repository: model.repository, revision: model.revision, files });
}

/** Two renames, since a folder cannot be put over another. A model that is loaded keeps its files open. */
async function exchange(staging: string, dir: string): Promise<void> {
  const old = `${staging}.old`;
  await rm(old, { recursive: true, force: true });
  await rename(dir, old).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
  await rename(staging, dir);
  await rm(old, { recursive: true, force: true });
}
