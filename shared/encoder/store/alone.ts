import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { modelsFault } from './fault.ts';

/**
 * Runs `work` while no other process of this machine does; fails with `models.busy` (later) while one does. What a
 * process that is gone has left does not count.
 */
export async function alone<T>(lock: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(lock), { recursive: true });
  if (!(await take(lock))) {
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (isRunning(owner)) throw modelsFault('busy', `process ${owner} is pulling it`, 'later');
    await rm(lock, { force: true });
    if (!(await take(lock))) throw modelsFault('busy', 'another process is pulling it', 'later');
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

const take = (lock: string): Promise<boolean> =>
  writeFile(lock, String(process.pid), { flag: 'wx' }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
      throw error;
    },
  );

function isRunning(pid: number): boolean {
  try {
    // Signal 0 only asks. A lock that is empty has just been made.
    return pid > 0 ? process.kill(pid, 0) : true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
