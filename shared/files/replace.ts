import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts a file in its place, whole or not at all: written beside it, to the disk, and then moved, so that whoever reads
 * meanwhile finds the old one or the new one, also after a power cut. Fails as the file system does, and then leaves
 * nothing behind.
 *
 * @param mode who may read it; absent: as the account is set up
 */
export async function replaceFile(path: string, content: Uint8Array | string, mode?: number): Promise<void> {
  const beside = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(beside, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  // The move itself is kept once the folder is on disk.
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}
