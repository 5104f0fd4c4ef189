import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failed, onPath, run } from './command.ts';
import type { Environment, Failed } from './command.ts';

/** The oldest suite whose nats-server is new enough. */
const SUITE = 'forky';

export interface DebianOptions {
  readonly env: Environment;
  readonly limitMs: number;
  /** Where apt's configuration lies; `/etc/apt` outside tests. */
  readonly folder: string;
  readonly onProgress: (text: string) => void;
}

/** An archive the machine already trusts, and the keyring it is signed by. */
interface Mirror {
  readonly uri: string;
  readonly signedBy: string | undefined;
}

/**
 * Takes the package of a newer Debian from the mirror this machine already uses, and only unpacks it. Nothing is
 * installed and apt's own lists stay as they are; apt checks the signatures.
 */
export async function fetchFromDebian(
  dir: string,
  { env, limitMs, folder, onProgress }: DebianOptions,
): Promise<{ readonly kind: 'done'; readonly file: string } | Failed> {
  const [[apt], [dpkg]] = await Promise.all([onPath('apt-get', env), onPath('dpkg', env)]);
  if (apt === undefined || dpkg === undefined) return failed('no apt-get and dpkg on PATH');
  const mirror = await readMirror(folder);
  if (!mirror) return failed(`${folder} names no Debian mirror`);

  const work = join(dir, 'apt');
  await Promise.all(['lists/partial', 'cache/archives/partial'].map((d) => mkdir(join(work, d), { recursive: true })));
  const signed = mirror.signedBy === undefined ? '' : `[signed-by=${mirror.signedBy}] `;
  await writeFile(join(work, 'sources.list'), `deb ${signed}${mirror.uri} ${SUITE} main\n`);
  const settings = {
    'Dir::Etc::sourcelist': join(work, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::Lists': join(work, 'lists'),
    'Dir::Cache': join(work, 'cache'),
    'Acquire::Languages': 'none',
    // The unprivileged user that root's apt downloads as may not write into a private folder.
    'APT::Sandbox::User': 'root',
  };
  const flags = ['-q', ...Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`])];

  onProgress(`taking nats-server from Debian ${SUITE} (about 20 MB)`);
  const at = { env, limitMs, cwd: work };
  const updated = await run(apt, [...flags, 'update'], at);
  if (updated.kind === 'failed') return updated;
  const downloaded = await run(apt, [...flags, 'download', 'nats-server'], at);
  if (downloaded.kind === 'failed') return downloaded;
  const deb = (await readdir(work)).find((name) => name.endsWith('.deb'));
  if (deb === undefined) return failed(`apt-get downloaded no package from ${SUITE}`);
  const unpacked = await run(dpkg, ['-x', deb, 'unpacked'], at);
  if (unpacked.kind === 'failed') return unpacked;

  await copyFile(join(work, 'unpacked/usr/sbin/nats-server'), join(dir, 'nats-server'));
  await rm(work, { recursive: true });
  return { kind: 'done', file: 'nats-server' };
}

/** The first archive in apt's configuration that holds Debian itself, in either of its two spellings. */
async function readMirror(folder: string): Promise<Mirror | undefined> {
  const parts = join(folder, 'sources.list.d');
  const names = await readdir(parts).catch((): string[] => []);
  const files = [join(folder, 'sources.list'), ...names.toSorted().map((name) => join(parts, name))];
  for (const file of files.filter((name) => /\.(list|sources)$/.test(name))) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const mirrors = file.endsWith('.list') ? fromLines(text) : fromStanzas(text);
    const debian = mirrors.find(({ uri }) => /\/debian\/?$/.test(uri));
    if (debian) return debian;
  }
  return undefined;
}

function fromLines(text: string): readonly Mirror[] {
  return [...text.matchAll(/^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)/gm)].map(([, options = '', uri = '']) => ({
    uri,
    signedBy: /\bsigned-by=(\S+)/i.exec(options)?.[1],
  }));
}

function fromStanzas(text: string): readonly Mirror[] {
  const field = (stanza: string, name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'im').exec(stanza)?.[1];
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const uri = field(stanza, 'URIs');
    const signedBy = field(stanza, 'Signed-By');
    if (uri === undefined || field(stanza, 'Enabled') === 'no') return [];
    // A key written into the file instead of named by it begins with "-----BEGIN".
    return [{ uri, signedBy: signedBy?.startsWith('/') ? signedBy : undefined }];
  });
}
