import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { freePort } from '../shared/testing/ports.ts';
import { USER } from './libraries.ts';

// Node's compile cache, as a start leaves it behind: what is in it need not be parsed and compiled again.
//
// V8 puts hashes of names into it, which a secret of each process goes into, so no two starts leave the same bytes. A
// start with `--hash-seed` does, but its cache is for processes with that flag, which would let customers choose names
// that collide. Any seed is as good as another to a reader, so the mark of the flags is exchanged for the ordinary one.

/** Node's own header: five words, of which the last is the CRC of what follows; there, V8's fourth word is its flags. */
const HEADER = { checksum: 16, end: 20, flags: 20 + 12 } as const;
/** Where programs are found, `chroot` among them: not every account looks in the system's own folders. */
export const TOOLS_PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
const LIMIT_MS = 60_000;
const LOOK_AGAIN_MS = 50;
const QUIT = "data:text/javascript,process.once('SIGUSR2',()=>process.exit(0))";

/**
 * Starts each bundle once where there is no log, and keeps what was compiled in `/app/cache`, for the image's user.
 * `root`: a folder with all that an image has, which is the root of their file system meanwhile, since Node remembers
 * where files are. Needs `chroot`, and `unshare` for everybody but root.
 */
export async function warm(root: string, names: readonly string[]): Promise<void> {
  const cache = join(root, 'app/cache');
  const ordinary = join(root, 'app/cache-ordinary');
  for (const name of names) await start(root, name, '/app/cache', ['--hash-seed=1', '--random-seed=1']);
  const [first = ''] = names;
  await start(root, first, '/app/cache-ordinary', []);
  const [[made = ''], [wanted = '']] = await Promise.all([readdir(cache), readdir(ordinary)]);
  const flags = await flagsOf(join(ordinary, wanted));
  for (const file of await readdir(join(cache, made))) {
    const path = join(cache, made, file);
    await writeFile(path, withFlags(await readFile(path), flags));
  }
  // Node keeps the caches of users apart.
  await rename(join(cache, made), join(cache, wanted.replace(/-\d+$/u, `-${USER}`)));
  await rm(ordinary, { recursive: true });
}

/** The same cache of one file, for processes with these flags. */
function withFlags(file: Buffer, flags: number): Buffer {
  const copy = Buffer.from(file);
  copy.writeUInt32LE(flags, HEADER.flags);
  copy.writeUInt32LE(crc32(copy.subarray(HEADER.end)), HEADER.checksum);
  return copy;
}

async function flagsOf(folder: string): Promise<number> {
  const [any = ''] = await readdir(folder);
  return (await readFile(join(folder, any))).readUInt32LE(HEADER.flags);
}

async function start(root: string, name: string, cache: string, flags: readonly string[]): Promise<void> {
  const port = await freePort();
  const node = ['/usr/bin/node', ...flags, '--import', QUIT, `/app/dist/${name}.js`];
  const [command = '', ...args] = [...(process.getuid?.() === 0 ? [] : ['unshare', '-r']), 'chroot', root, ...node];
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: TOOLS_PATH,
      NODE_ENV: 'production',
      NODE_COMPILE_CACHE: cache,
      // Nobody listens there: the process waits for its log, and serves its operators meanwhile.
      TURNSTREAM_NATS_URL: 'nats://127.0.0.1:1',
      TURNSTREAM_OPS_HOST: '127.0.0.1',
      TURNSTREAM_OPS_PORT: String(port),
      TURNSTREAM_RELAY_TARGETS: '{}',
      TURNSTREAM_TENANTS: '/nowhere',
      TURNSTREAM_ARCHIVE_DIR: '/nowhere',
      TURNSTREAM_SESSION_KEY: 'k'.repeat(32),
    },
  });
  const late = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  // Metrics are loaded when they are asked for.
  await Promise.race([ended, answered(`http://127.0.0.1:${port}/metrics`)]);
  child.kill('SIGUSR2');
  const [code] = await ended;
  clearTimeout(late);
  if (code !== 0) throw new Error(`${name} did not start: ${said}`);
}

async function answered(url: string): Promise<void> {
  const until = Date.now() + LIMIT_MS;
  while (Date.now() < until) {
    const text = await fetch(url).then(
      (response) => response.text(),
      () => undefined,
    );
    if (text !== undefined) return;
    await delay(LOOK_AGAIN_MS);
  }
}
