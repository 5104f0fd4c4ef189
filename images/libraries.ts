import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, realpath, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The user that everything runs as, in the image and in the manifests. */
export const USER = 65_532;

/** Paths of the shared libraries that some files need, the loader of programs among them. Needs `ldd`. */
export async function librariesOf(files: readonly string[]): Promise<readonly string[]> {
  const listed = await Promise.all(files.map(async (file) => (await run('ldd', [file])).stdout));
  const paths = listed.flatMap((text) => [...text.matchAll(/(?:=>\s+|^\s+)(\/\S+)\s+\(0x/gmu)].map(([, path]) => path));
  return [...new Set(paths.filter((path) => path !== undefined))].sort();
}

/** What any process needs and no version changes: Node, libraries, who the user is, how names are looked up. */
export async function layBase(out: string, node: string, native: readonly string[]): Promise<readonly string[]> {
  // Libraries that come with native code of a package stay beside it.
  const libraries = (await librariesOf([node, ...native])).filter((path) => !path.includes('/node_modules/'));
  for (const path of libraries) await place(await realpath(path), join(out, path), 0o755);
  await place(node, join(out, 'usr/bin/node'), 0o755);
  await mkdir(join(out, 'etc'), { recursive: true });
  await writeFile(join(out, 'etc/passwd'), `nonroot:x:${USER}:${USER}::/app:/sbin/nologin\n`);
  await writeFile(join(out, 'etc/group'), `nonroot:x:${USER}:\n`);
  await writeFile(join(out, 'etc/nsswitch.conf'), 'hosts: files dns\n');
  return libraries;
}

async function place(from: string, to: string, mode: number): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, mode);
}
