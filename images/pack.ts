import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sha256Of } from './archive.ts';

const run = promisify(execFile);
const INSTALL = fileURLToPath(new URL('install.sh', import.meta.url));

/** An image in a bundle. */
export interface Packed {
  /** As manifests name it. */
  readonly name: string;
  /** Its archive in the OCI layout. */
  readonly archive: string;
}

/** Everything that a machine room without internet needs. */
export interface Contents {
  readonly version: string;
  readonly images: readonly Packed[];
  /** Images that manifests name and that could not be had. */
  readonly missing: readonly string[];
  /** Manifests by the name of their file. */
  readonly manifests: ReadonlyMap<string, string>;
  /** More files to lie beside them. */
  readonly files: readonly string[];
  /** The time that everything says it is from, in seconds. */
  readonly epoch: number;
}

/**
 * Packs a bundle: one tar file with a folder `turnstream-<version>` that installs itself, the same bytes for the same
 * contents. Returns its path and its SHA-256, which lies beside it. Needs `tar` of GNU.
 */
export async function pack(
  contents: Contents,
  folder: string,
): Promise<{ readonly path: string; readonly sha256: string }> {
  const { version, images, missing, manifests, files, epoch } = contents;
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(resolve(folder), 'pack-'));
  try {
    const name = `turnstream-${version}`;
    const root = join(scratch, name);
    for (const part of ['images', 'manifests']) await mkdir(join(root, part), { recursive: true });
    for (const { archive } of images) await copyFile(archive, join(root, 'images', basename(archive)));
    for (const [file, text] of manifests) await writeFile(join(root, 'manifests', file), text);
    for (const file of files) await copyFile(file, join(root, basename(file)));
    await writeFile(join(root, 'images.txt'), images.map((i) => `${basename(i.archive)} ${i.name}\n`).join(''));
    await writeFile(join(root, 'missing.txt'), missing.map((image) => `${image}\n`).join(''));
    await copyFile(INSTALL, join(root, 'install.sh'));
    await chmod(join(root, 'install.sh'), 0o755);
    await writeFile(join(root, 'SHA256SUMS'), await sums(root));

    const path = join(resolve(folder), `${name}.tar`);
    const same = ['--sort=name', `--mtime=@${epoch}`, '--owner=0', '--group=0', '--numeric-owner', '--mode=go-w'];
    await run('tar', [...same, '-cf', path, '-C', scratch, name]);
    const sha256 = await sha256Of(path);
    await writeFile(`${path}.sha256`, `${sha256}  ${name}.tar\n`);
    return { path, sha256 };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function sums(root: string): Promise<string> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const lines = await Promise.all(
    paths.sort().map(async (path) => `${await sha256Of(path)}  .${path.slice(root.length)}\n`),
  );
  return lines.join('');
}
