import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PlatformError } from '../errors/index.ts';
import { replaceFile } from '../files/replace.ts';
import type { ObjectStore } from './objects.ts';

/** Objects as files below a folder, each whole or not there. */
export function folderStore(root: string): ObjectStore {
  return {
    put: (name, bytes) =>
      guarded('write', async () => {
        const path = join(root, name);
        await mkdir(dirname(path), { recursive: true });
        await replaceFile(path, bytes, 0o600);
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

async function guarded<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    throw new PlatformError('archive.unavailable', `the archive could not ${what} a file`, { retry: 'later', cause });
  }
}
