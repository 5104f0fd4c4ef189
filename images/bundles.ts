import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Bundles every process into a folder, as `npm run build` does, with the maps that say what is in them. */
export async function bundle(folder: string): Promise<void> {
  const tsup = join(ROOT, 'node_modules/tsup/dist/cli-default.js');
  await promisify(execFile)(process.execPath, [tsup, '--out-dir', folder, '--silent'], { cwd: ROOT });
}
