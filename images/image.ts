import { execFile } from 'node:child_process';
import { copyFile, lstat, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readRelease } from '../shared/deploy/release.ts';
import { readArchive } from './archive.ts';
import { findBuilder, type Builder } from './builder.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PARTS = ['base', 'models', 'app'] as const;

/** Which image. */
export interface Wanted {
  /** The bundle that runs where no arguments are given. */
  readonly process: string;
  /** Whether the runtime of models comes along. */
  readonly models: boolean;
  /** Where it is put; whatever else of a build lies there is removed. */
  readonly folder: string;
  /** The time that it says it was made at, in seconds: the same sources and the same time give the same image. */
  readonly epoch: number;
  /** A folder with bundles that were built before; otherwise they are built. */
  readonly dist?: string;
}

/** An image that was built. */
export interface Built {
  /** As manifests name it. */
  readonly name: string;
  readonly builder: Builder['name'];
  readonly digest: string;
  /** An OCI archive. */
  readonly archive: string;
  /** Its bill of materials. */
  readonly sbom: string;
  /** Bytes that travel. */
  readonly packed: number;
  /** Bytes of each part of its file system. */
  readonly unpacked: Readonly<Record<(typeof PARTS)[number], number>>;
}

/** Builds the image of the release; or tells why it cannot be built here. */
export async function buildImage({ process: chosen, models, folder, epoch, dist }: Wanted): Promise<Built | string> {
  const builder = await findBuilder();
  if (typeof builder === 'string') return builder;
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(resolve(folder), 'build-'));
  try {
    const files = join(scratch, 'files');
    const layOut = join(ROOT, 'images/lay-out.ts');
    const made = dist === undefined ? [] : ['--dist', dist];
    const args = [layOut, '--out', files, '--process', chosen, '--models', String(models), ...made];
    await promisify(execFile)(process.execPath, args, {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
    });
    const { image, version } = readRelease(await readFile(join(ROOT, 'knative/release.yml'), 'utf8'));
    // As `stack.yml` names those that are started without arguments.
    const name = `${image}${chosen === 'turn' ? '' : `-${chosen}`}:${version}`;
    const archive = join(resolve(folder), `${basename(name).replace(':', '-')}.oci.tar`);
    await rm(archive, { force: true });
    await builder.build({ context: ROOT, files, name, archive, epoch, scratch: join(scratch, builder.name) });
    const sbom = archive.replace(/\.oci\.tar$/u, '.cdx.json');
    await copyFile(join(files, 'image-app/app/sbom.cdx.json'), sbom);
    const parts = join(scratch, 'parts');
    await mkdir(parts);
    const { digest, packed } = await readArchive(archive, parts);
    const sizes = await Promise.all(PARTS.map(async (part) => [part, await bytesIn(join(files, `image-${part}`))]));
    const unpacked = Object.fromEntries(sizes) as Built['unpacked'];
    return { name, builder: builder.name, digest, archive, sbom, packed, unpacked };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await lstat(join(parentPath, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
