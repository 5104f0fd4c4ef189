import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PlatformError } from '../errors/index.ts';
import type { ObjectStore } from './objects.ts';

/** Objects as files below a folder. Written beside their place, flushed, and then moved into it. */
export function folderStore(root: string): ObjectStore {
  return {
    put: (name, bytes) =>
      guarded('write', async () => {
        const path = join(root, name);
        const folder = dirname(path);
        await mkdir(folder, { recursive: true });
        const beside = `${path}.${randomUUID()}.part`;
        try {
          const file = await open(beside, 'wx', 0o600);
          try {
            await file.writeFile(bytes);
            await file.sync();
          } finally {
            await file.close();
          }
          await rename(beside, path);
        } catch (error) {
          await rm(beside, { force: true });
          throw error;
        }
        await synced(folder);
      }),
    get: (name) =>
      guarded('read', () =>
        readFile(join(root, name)).catch((error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
          throw error;
        }),
      ),
    remove: (name) => guarded('remove', () => rm(join(root, name), { force: true })),
  };
}

/** A move survives a power cut once the folder is on disk. */
async function synced(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function guarded<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw new PlatformError('archive.unavailable', `the archive could not ${what} a file`, { retry: 'later', cause });
  }
}
