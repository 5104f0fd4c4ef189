import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tarGz, zip } from './archive.fixture.ts';
import { findServer } from './find.ts';
import type { FindOptions, World } from './find.ts';
import { PINNED } from './version.ts';

const STEM = `nats-server-v${PINNED}-linux-amd64`;
const ARCHIVE = `/v${PINNED}/${STEM}.tar.gz`;
const SUMS = `/v${PINNED}/SHA256SUMS`;

let root: string;
let bin: string;
let cache: string;
let hosts: Server[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'turnstream-find-'));
  [bin, cache] = [join(root, 'bin'), join(root, 'cache')];
  hosts = [];
  await mkdir(bin);
});

afterEach(async () => {
  for (const host of hosts) host.closeAllConnections();
  await Promise.all(hosts.map((host) => new Promise((closed) => host.close(closed))));
  await rm(root, { recursive: true });
});

/** A machine on which nothing is installed and nothing can be reached, but for what a test adds. */
function find(world: Partial<World> = {}, options: Partial<FindOptions> = {}) {
  const nowhere: Partial<World> = {
    releases: 'http://127.0.0.1:1',
    platform: 'linux',
    processor: 'x64',
    goFolders: [],
    aptFolder: join(root, 'apt'),
  };
  return findServer({ env: { PATH: bin }, cacheDir: cache, world: { ...nowhere, ...world }, ...options });
}

const saying = (version: string) => `#!/bin/sh\necho "nats-server: v${version}"\n`;

async function program(name: string, script: string, folder = bin): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  await writeFile(file, script, { mode: 0o755 });
  return file;
}

async function host(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  hosts.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
}

/** A release host that has these files. */
function releases(files: Readonly<Record<string, Buffer | string>>): Promise<string> {
  return host((request, response) => {
    const file = files[request.url ?? ''];
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const archive = tarGz({ [`${STEM}/README.md`]: 'read me', [`${STEM}/nats-server`]: saying(PINNED) });
const sums = `${'0'.repeat(64)}  other.zip\n${sha256(archive)}  ${STEM}.tar.gz\n`;

describe('what is there already', () => {
  it('is the configured one, wherever it lies', async () => {
    const server = await program('my-nats', saying('2.14.3'), join(root, 'elsewhere'));
    expect(await find({}, { server })).toEqual({ path: server, version: '2.14.3', route: 'configured' });
  });

  it('is not another one when the configured one is too old', async () => {
    await program('nats-server', saying('2.15.0'));
    const server = await program('my-nats', saying('2.9.10'));
    await expect(find({}, { server })).rejects.toMatchObject({
      code: 'broker.not-found',
      message: expect.stringContaining(`${server} is version 2.9.10`) as string,
    });
  });

  it('is the first one on PATH that is new enough', async () => {
    const [old, other] = [join(root, 'old'), join(root, 'other')];
    await program('nats-server', saying('2.10.27'), old);
    const path = await program('nats-server', saying('2.14.1'), other);
    const env = { PATH: `${old}:${join(root, 'missing')}:${other}` };
    expect(await find({}, { env })).toEqual({ path, version: '2.14.1', route: 'path' });
  });

  it('is the cached one, and then nothing is said or fetched', async () => {
    const path = await program('nats-server', saying(PINNED), join(cache, `nats-server-${PINNED}`));
    const said: string[] = [];
    expect(await find({}, { onProgress: (text) => said.push(text) })).toEqual({
      path,
      version: PINNED,
      route: 'cache',
    });
    expect(said).toEqual([]);
  });

  it('is looked for in the cache folder of the user', async () => {
    const path = await program('nats-server', saying(PINNED), join(root, `xdg/turnstream/nats-server-${PINNED}`));
    const env = { PATH: bin, XDG_CACHE_HOME: join(root, 'xdg') };
    expect(await find({}, { env, cacheDir: undefined })).toMatchObject({ path, route: 'cache' });
  });
});

describe('the official release', () => {
  it('is kept when its own list of checksums says so', async () => {
    const url = await releases({ [ARCHIVE]: archive, [SUMS]: sums });
    const path = join(cache, `nats-server-${PINNED}/nats-server`);
    expect(await find({ releases: url })).toEqual({ path, version: PINNED, route: 'release' });
    expect(await find({ releases: url })).toEqual({ path, version: PINNED, route: 'cache' });
    expect(await readdir(cache)).toEqual([`nats-server-${PINNED}`]);
  });

  it('is checked against our own checksum and no other when we have one', async () => {
    const url = await releases({ [ARCHIVE]: archive, [SUMS]: sums });
    const checksums = { [`${STEM}.tar.gz`]: 'f'.repeat(64) };
    await expect(find({ releases: url, checksums })).rejects.toThrow('it should have ffff');
    const right = { [`${STEM}.tar.gz`]: sha256(archive) };
    expect(await find({ releases: url, checksums: right })).toMatchObject({ route: 'release' });
  });

  it('is a .zip on Windows', async () => {
    const stem = `nats-server-v${PINNED}-windows-amd64`;
    const packed = zip({ [`${stem}/LICENSE`]: 'licence', [`${stem}/nats-server.exe`]: saying(PINNED) });
    const url = await releases({ [`/v${PINNED}/${stem}.zip`]: packed, [SUMS]: `${sha256(packed)} *${stem}.zip\n` });
    expect(await find({ releases: url, platform: 'win32' })).toMatchObject({
      path: join(cache, `nats-server-${PINNED}/nats-server.exe`),
      route: 'release',
    });
  });

  const old = tarGz({ [`${STEM}/nats-server`]: saying('2.9.10') });
  const empty = tarGz({ [`${STEM}/README.md`]: 'read me' });
  it.each<[string, string, Readonly<Record<string, Buffer | string>>]>([
    ['has another checksum', 'has the SHA-256', { [ARCHIVE]: tarGz({ x: 'y' }), [SUMS]: sums }],
    ['is not there', 'answered 404', { [SUMS]: sums }],
    ['has no checksum', 'does not name', { [ARCHIVE]: archive, [SUMS]: `${sha256(archive)}  other.tar.gz` }],
    ['has no list of checksums', 'SHA256SUMS answered 404', { [ARCHIVE]: archive }],
    ['holds no server', 'holds no nats-server', { [ARCHIVE]: empty, [SUMS]: `${sha256(empty)}  ${STEM}.tar.gz` }],
    ['holds an old server', 'is version 2.9.10', { [ARCHIVE]: old, [SUMS]: `${sha256(old)}  ${STEM}.tar.gz` }],
  ])('is refused when it %s, and nothing is left behind', async (_, reason, files) => {
    await expect(find({ releases: await releases(files) })).rejects.toThrow(reason);
    expect(await readdir(cache)).toEqual([]);
  });

  it('is refused when it breaks off', async () => {
    const url = await host((request, response) => {
      if (request.url === SUMS) return void response.end(sums);
      response.writeHead(200, { 'content-length': archive.length });
      response.write(archive.subarray(0, 100), () => response.destroy());
    });
    await expect(find({ releases: url })).rejects.toThrow(/release: (terminated|other side closed)/);
    expect(await readdir(cache)).toEqual([]);
  });

  it('is given up when it does not come to an end', async () => {
    const url = await host((request, response) => {
      if (request.url === SUMS) return void response.end(sums);
      response.writeHead(200).write('a drop');
    });
    await expect(find({ releases: url, downloadLimitMs: 100 })).rejects.toThrow('took longer than 0.1 s');
    expect(await readdir(cache)).toEqual([]);
  });

  it('is not looked for on a machine it is not made for', async () => {
    await expect(find({ processor: 'riscv64' })).rejects.toThrow('no official build for linux on riscv64');
  });
});

/** A Go that makes a server of this version and writes down that it was asked. */
const go = (version: string) =>
  `#!/bin/sh\necho "$@ $CGO_ENABLED" >>"${root}/asked"\nprintf '#!/bin/sh\\necho nats-server: v${version}\\n' >"$GOBIN/nats-server"\n/bin/chmod 755 "$GOBIN/nats-server"\n`;
const asked = async () => (await readFile(join(root, 'asked'), 'utf8')).trim().split('\n');

describe('Go', () => {
  it('builds the pinned version into the cache', async () => {
    await program('go', go(PINNED));
    const path = join(cache, `nats-server-${PINNED}/nats-server`);
    expect(await find()).toEqual({ path, version: PINNED, route: 'go' });
    expect(await asked()).toEqual([`install github.com/nats-io/nats-server/v2@v${PINNED} 0`]);
    expect(await readdir(cache)).toEqual([`nats-server-${PINNED}`]);
  });

  it('is found where its installer puts it, too', async () => {
    await program('go', go(PINNED), join(root, 'go/bin'));
    expect(await find({ goFolders: [join(root, 'go/bin')] })).toMatchObject({ route: 'go' });
  });

  it('is asked once when several processes need a server at once', async () => {
    await program('go', go(PINNED));
    const found = await Promise.all([find(), find(), find(), find()]);
    expect(found.map(({ route }) => route).toSorted()).toEqual(['cache', 'cache', 'cache', 'go']);
    expect(await asked()).toHaveLength(1);
    expect(await readdir(cache)).toEqual([`nats-server-${PINNED}`]);
  });

  it('is not waited for when who asked it has died', async () => {
    await program('go', go(PINNED));
    await mkdir(cache);
    // Above the highest process id there is.
    await writeFile(join(cache, 'fetching.lock'), '4194305');
    expect(await find()).toMatchObject({ route: 'go' });
  });

  it('takes the place of something in the cache that does not run', async () => {
    await program('go', go(PINNED));
    await program('nats-server', '#!/bin/sh\nexit 1\n', join(cache, `nats-server-${PINNED}`));
    expect(await find()).toMatchObject({ route: 'go', version: PINNED });
  });

  it('is given up at the time limit', async () => {
    await program('go', '#!/bin/sh\nexec /bin/sleep 60\n');
    await expect(find({ buildLimitMs: 100 })).rejects.toThrow(/go took longer than 0.1 s/);
    expect(await readdir(cache)).toEqual([]);
  });
});

describe('Debian', () => {
  const stanza = 'Types: deb\n# a comment\nURIs: http://mirror.test/debian\nSuites: bookworm\nSigned-By: /keys/d.gpg\n';
  const security = 'Types: deb\nURIs: http://mirror.test/debian-security\nSuites: bookworm-security\n';
  const disabled = 'Types: deb\nEnabled: no\nURIs: http://disabled.test/debian\n';

  beforeEach(async () => {
    // Copies the list it is given before it is gone, and takes "download" as an order to make a package.
    const copy = `for a in "$@"; do case "$a" in Dir::Etc::sourcelist=*) /bin/cp "\${a#*=}" "${root}/list";; esac; done`;
    const last = 'for last in "$@"; do :; done; [ "$last" = nats-server ] && : >nats-server_2.15.1_amd64.deb';
    await program('apt-get', `#!/bin/sh\n${copy}\n${last}\nexit 0\n`);
    const unpack = `/bin/mkdir -p "$3/usr/sbin"; printf '#!/bin/sh\\necho nats-server: v2.15.1\\n' >"$3/usr/sbin/nats-server"`;
    await program('dpkg', `#!/bin/sh\n${unpack}\n/bin/chmod 755 "$3/usr/sbin/nats-server"\n`);
    await mkdir(join(root, 'apt/sources.list.d'), { recursive: true });
  });

  it.each([
    ['debian.sources', `${disabled}\n${security}\n${stanza}`, '[signed-by=/keys/d.gpg] '],
    [
      'debian.list',
      'deb [arch=amd64 signed-by=/keys/l.gpg] http://mirror.test/debian bookworm main\n',
      '[signed-by=/keys/l.gpg] ',
    ],
    ['old.list', '# deb http://not.test/debian x\ndeb http://mirror.test/debian bookworm main\n', ''],
  ])('is asked on the mirror that %s names', async (name, text, signed) => {
    await writeFile(join(root, 'apt/sources.list.d', name), text);
    const path = join(cache, 'nats-server-debian/nats-server');
    expect(await find()).toEqual({ path, version: '2.15.1', route: 'debian' });
    expect(await readFile(join(root, 'list'), 'utf8')).toBe(`deb ${signed}http://mirror.test/debian forky main\n`);
    expect(await find()).toEqual({ path, version: '2.15.1', route: 'cache' });
    expect(await readdir(join(cache, 'nats-server-debian'))).toEqual(['nats-server']);
  });

  it('is not asked when the machine has no Debian mirror', async () => {
    await writeFile(join(root, 'apt/sources.list.d/ubuntu.sources'), 'Types: deb\nURIs: http://mirror.test/ubuntu\n');
    await expect(find()).rejects.toThrow('names no Debian mirror');
  });
});

it('says what was tried, why it failed and what to do', async () => {
  await program('nats-server', saying('2.10.27'));
  await program('go', '#!/bin/sh\necho "go: module requires go >= 1.26" >&2\nexit 1\n');
  const said: string[] = [];
  const error: unknown = await find({}, { onProgress: (text) => said.push(text) }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'broker.not-found', retry: 'never' });
  const text = (error as Error).message.replaceAll(root, '').split('\n');
  expect(text).toEqual([
    'no usable nats-server (needed: 2.12.7 in the 2.12 line, or 2.14.0 and newer)',
    '  path: /bin/nats-server is version 2.10.27, and 2.12.7 in the 2.12 line, or 2.14.0 and newer is needed',
    expect.stringContaining('  cache: '),
    expect.stringContaining('  release: fetch failed: '),
    '  go: /bin/go install failed: go: module requires go >= 1.26',
    '  debian: no apt-get and dpkg on PATH',
    'Put a nats-server on PATH, name one with TURNSTREAM_NATS_SERVER, or install Go and start again.',
  ]);
  expect(said.join('\n')).toContain('downloading http://127.0.0.1:1/');
  expect(await readdir(cache)).toEqual([]);
});
