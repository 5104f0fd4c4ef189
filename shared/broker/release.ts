import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileInArchive } from './archive.ts';
import { failed, reasonOf } from './command.ts';
import type { Failed } from './command.ts';
import { CHECKSUMS, PINNED } from './version.ts';

const SYSTEMS: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface ReleaseOptions {
  /** Where releases lie: `<url>/v<version>/<archive>`. */
  readonly url: string;
  readonly limitMs: number;
  readonly platform: NodeJS.Platform;
  readonly processor: string;
  /** SHA-256 by archive name; without an entry, the release's own SHA256SUMS is asked (see `CHECKSUMS`). */
  readonly checksums?: Readonly<Record<string, string>> | undefined;
  readonly onProgress: (text: string) => void;
}

/** Downloads the official build for this platform, and keeps it only when its checksum is right. */
export async function fetchRelease(
  dir: string,
  options: ReleaseOptions,
): Promise<{ readonly kind: 'done'; readonly file: string } | Failed> {
  const system = SYSTEMS[options.platform];
  const processor = PROCESSORS[options.processor];
  if (!system || !processor)
    return failed(`no official build for ${options.platform} on ${options.processor} is known`);

  const archive = `nats-server-v${PINNED}-${system}-${processor}.${system === 'windows' ? 'zip' : 'tar.gz'}`;
  const file = system === 'windows' ? 'nats-server.exe' : 'nats-server';
  const base = `${options.url}/v${PINNED}`;
  // One limit for the whole route: a host that drips must not hold a start for ever.
  const signal = AbortSignal.timeout(options.limitMs);
  try {
    options.onProgress(`downloading ${base}/${archive}`);
    const expected =
      (options.checksums ?? CHECKSUMS)[archive] ?? (await published(`${base}/SHA256SUMS`, archive, signal));
    if (expected === undefined) return failed(`${base}/SHA256SUMS does not name ${archive}`);
    const bytes = await download(`${base}/${archive}`, signal);
    const actual = createHash('sha256').update(bytes).digest('hex');
    if (actual !== expected) return failed(`${archive} has the SHA-256 ${actual}, and it should have ${expected}`);
    const binary = fileInArchive(bytes, archive, file);
    if (!binary) return failed(`${archive} holds no ${file}`);
    await writeFile(join(dir, file), binary, { mode: 0o755 });
    return { kind: 'done', file };
  } catch (error) {
    return failed(signal.aborted ? `${base} took longer than ${options.limitMs / 1000} s` : reasonOf(error));
  }
}

async function published(url: string, archive: string, signal: AbortSignal): Promise<string | undefined> {
  const lines = (await download(url, signal)).toString('utf8').split(/\r?\n/);
  const words = lines.map((line) => line.trim().split(/\s+\*?/));
  return words.find(([, name]) => name === archive)?.[0]?.toLowerCase();
}

async function download(url: string, signal: AbortSignal): Promise<Buffer> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
