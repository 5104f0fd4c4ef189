import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Of this run alone: another one, which may be under way, has its own. */
const FOLDER = join('node_modules', '.cache', 'turnstream-bench', String(process.pid));
const SOURCES: Readonly<Record<string, string>> = {
  gateway: 'functions/gateway/main.ts',
  turn: 'functions/main.ts',
};

/** Where Node keeps what it has compiled of the bundles, which an image brings along. */
export const COMPILE_CACHE = join(FOLDER, 'compile-cache');

/** Finds the file that Node runs for a process by name: `gateway`, `turn` or the name of a function. */
export type EntryOf = (name: string) => string;

/**
 * Builds what is shipped, as `npm run build` does, in a folder of its own, so that no earlier build is measured.
 * `sources`: runs the sources as they are instead.
 */
export async function entries(from: 'build' | 'sources'): Promise<EntryOf> {
  if (from === 'sources') return (name) => SOURCES[name] ?? `functions/${name}/main.ts`;
  process.once('exit', () => {
    rmSync(FOLDER, { recursive: true, force: true });
  });
  // Laid out as an image is. Untold, Node reads each file once more to find out what it is: 5 ms of a start.
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, 'package.json'), '{ "type": "module" }\n');
  await symlink(resolve('models'), join(FOLDER, 'models'));
  const tsup = join('node_modules', 'tsup', 'dist', 'cli-default.js');
  await promisify(execFile)(process.execPath, [tsup, '--out-dir', join(FOLDER, 'dist'), '--silent']);
  return (name) => join(FOLDER, 'dist', `${name}.js`);
}
