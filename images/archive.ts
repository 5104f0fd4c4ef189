import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** An image as its archive describes it. */
export interface Image {
  /** What a registry knows it by, `sha256:…`. */
  readonly digest: string;
  /** Bytes of its layers as they travel. */
  readonly packed: number;
  /** What it starts and as whom. */
  readonly config: {
    readonly User: string;
    readonly WorkingDir: string;
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
    readonly Env: readonly string[];
  };
}

/** Unpacks an archive in the OCI layout and reads what it holds; `into`: an empty folder for its parts. */
export async function readArchive(archive: string, into: string): Promise<Image> {
  await run('tar', ['-xf', archive, '-C', into]);
  const { index, manifest } = await manifestIn(into);
  const { config } = await readJson<{ config: Image['config'] }>(blob(into, manifest.config));
  const packed = manifest.layers.reduce((sum, { size }) => sum + size, 0);
  return { digest: index.digest, packed, config };
}

/** The file system of an image whose parts are in a folder. Later layers lie over earlier ones; none removes anything. */
export async function unpack(parts: string, root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  const { manifest } = await manifestIn(parts);
  for (const layer of manifest.layers) await run('tar', ['-xf', blob(parts, layer), '-C', root]);
}

/** The SHA-256 of a file, as `sha256sum` prints it. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function manifestIn(parts: string): Promise<{ readonly index: Descriptor; readonly manifest: Manifest }> {
  const { manifests } = await readJson<{ manifests: readonly Descriptor[] }>(join(parts, 'index.json'));
  const [index] = manifests;
  if (!index) throw new Error(`no image in ${parts}`);
  return { index, manifest: await readJson<Manifest>(blob(parts, index)) };
}

const blob = (parts: string, { digest }: Descriptor): string => join(parts, 'blobs', ...digest.split(':'));

const readJson = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, 'utf8')) as T;
