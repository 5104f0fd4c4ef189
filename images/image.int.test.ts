import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionOpened } from '../events/session.ts';
import { utteranceReceived } from '../events/understanding.ts';
import { durablesOf, groupsOf } from '../functions/index.ts';
import { canonicalBot } from '../shared/bot/canonical.ts';
import { publishBot } from '../shared/bot/store.ts';
import { tailOf } from '../shared/log/append.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import type { Stored } from '../shared/log/log.ts';
import { provision } from '../shared/log/provision.ts';
import { readSession } from '../shared/log/read.ts';
import { provisionTicks } from '../shared/log/timers.ts';
import { endingOf } from '../shared/runtime/place.ts';
import { testBot } from '../shared/testing/bot.ts';
import { startBroker, type TestServer } from '../shared/testing/broker.ts';
import { freePort } from '../shared/testing/ports.ts';
import { incoming, newSession } from '../shared/testing/rig.ts';
import { checkSession } from '../shared/verify/invariants.ts';
import { readArchive, unpack, type Image } from './archive.ts';
import { bundle } from './bundles.ts';
import { findBuilder } from './builder.ts';
import { buildImage, type Built } from './image.ts';
import { USER } from './libraries.ts';
import { TOOLS_PATH } from './warm.ts';

const builder = await findBuilder();
const missing = typeof builder === 'string' ? builder : process.getuid?.() === 0 ? undefined : 'only root can chroot';
if (missing !== undefined) process.stdout.write(`no image is built and started: ${missing}\n`);

const BUILD_MS = 240_000;
const MB = 1e6;
const epoch = 1_700_000_000;

describe.skipIf(missing !== undefined)('an image', () => {
  let dir: string;
  let root: string;
  let built: Built;
  let image: Image;
  let broker: TestServer;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'turnstream-image-'));
    root = join(dir, 'root');
    await bundle(join(dir, 'dist'));
    built = await made('turn', true, 'first');
    await mkdir(join(dir, 'parts'));
    image = await readArchive(built.archive, join(dir, 'parts'));
    await unpack(join(dir, 'parts'), root);
    broker = await startBroker();
  }, BUILD_MS);
  afterAll(async () => {
    for (const child of started) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    await broker.stop();
    await rm(dir, { recursive: true });
  });

  async function made(chosen: string, models: boolean, folder: string): Promise<Built> {
    const result = await buildImage({
      process: chosen,
      models,
      folder: join(dir, folder),
      epoch,
      dist: join(dir, 'dist'),
    });
    if (typeof result === 'string') throw new Error(result);
    return result;
  }

  /** Runs what the image says, as its user, with its file system as the only one. */
  function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const own = Object.fromEntries(
      image.config.Env.map((pair) => pair.split(/=(.*)/su).slice(0, 2) as [string, string]),
    );
    const chroot = ['--userspec', `${USER}:${USER}`, root, ...image.config.Entrypoint];
    const child = spawn('chroot', [...chroot, ...args], {
      env: { PATH: TOOLS_PATH, ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    return child;
  }

  async function said(child: ChildProcess): Promise<string> {
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(child, 'exit');
    return text;
  }

  it('is small: its functions without models below 180 MB, all of it below 260 MB', () => {
    const { base, app, models } = built.unpacked;
    expect(base + app).toBeLessThan(180 * MB);
    expect(base + app + models).toBeLessThan(260 * MB);
  });

  it(
    'can start another process, do without models, and is the same when built again',
    { timeout: BUILD_MS },
    async () => {
      const other = await made('policy', false, 'policy');
      expect(other.unpacked.models).toBe(0);
      expect((await made('policy', false, 'again')).digest).toBe(other.digest);
    },
  );

  it('runs as nobody in particular, and has neither a shell nor anything to write to', async () => {
    expect(image.config).toMatchObject({ User: `${USER}:${USER}`, WorkingDir: '/app', Entrypoint: ['/usr/bin/node'] });
    const files = await readdir(root, { recursive: true, withFileTypes: true });
    expect(files.map(({ name }) => name).filter((name) => /^(?:sh|bash|busybox|npm|apt|dpkg)$/u.test(name))).toEqual(
      [],
    );
    for (const { parentPath, name } of files.filter((file) => !file.isSymbolicLink())) {
      const { uid, mode } = await stat(join(parentPath, name));
      expect({ name, uid, changeable: mode & 0o6022 }).toEqual({ name, uid: 0, changeable: 0 });
    }
  });

  it('holds the native code of this platform alone', async () => {
    const files = await readdir(join(root, 'app'), { recursive: true });
    const native = files.filter((path) => /\.(?:node|so[.\d]*|dylib|dll)$/u.test(path));
    expect(native.length).toBeGreaterThan(0);
    expect(native.filter((path) => !path.includes(`${process.platform}/${process.arch}`))).toEqual([]);
  });

  it('says what it is made of', async () => {
    const text = await readFile(built.sbom, 'utf8');
    expect(await readFile(join(root, 'app/sbom.cdx.json'), 'utf8')).toBe(text);
    const { components } = JSON.parse(text) as { components: readonly { name: string }[] };
    const names = components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['node', 'libc.so.6', 'valibot', 'onnxruntime-node', 'hono']));
    expect(names).not.toContain('tsup');
    expect(names).not.toContain('adm-zip');
  });

  it('runs a model', async () => {
    const program = `
      const { InferenceSession } = require('/app/node_modules/onnxruntime-node');
      InferenceSession.create('/app/models/intent-start/model.onnx').then((s) => console.log(s.inputNames.length > 0));`;
    const text = await said(start(['-e', program]));
    // Without /proc the runtime complains about the processor that it does not know.
    expect(text).toMatch(/(?:^|\n)true\n/u);
    expect(text).not.toMatch(/telemetry/iu);
  });

  it('compiles nothing that it brings along, and takes no offence at what it cannot write', async () => {
    const child = start(['/app/dist/policy.js'], {
      NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
      TURNSTREAM_CONCURRENCY: 'wrong',
    });
    const text = await said(child);
    expect(child.exitCode).toBe(2);
    const bundle = text.split('\n').filter((line) => line.includes('/app/dist/policy.js'));
    expect(bundle.join('\n')).toMatch(/accepted/u);
    expect(text).not.toMatch(/rejected/u);
  });

  it('answers a turn behind HTTP, health included', { timeout: 60_000 }, async () => {
    const nc = await broker.nc();
    const bot = canonicalBot(testBot);
    await provision(nc, { replicas: 1, durables: durablesOf([...groupsOf('chained'), ...groupsOf('hop-by-hop')]) });
    await provisionTicks(nc);
    await publishBot(nc, bot);
    const port = await freePort();
    const common = { TURNSTREAM_NATS_URL: broker.url, TURNSTREAM_OPS_PORT: '0', TURNSTREAM_HOST: '127.0.0.1' };
    start(['/app/dist/default.js'], { ...common, TURNSTREAM_HOST_MODE: 'http', TURNSTREAM_PORT: String(port) });
    const url = `http://127.0.0.1:${port}`;
    const health = () =>
      fetch(`${url}/_/ready`).then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(health).toBe(200);
    expect((await fetch(`${url}/_/health`)).status).toBe(200);
    start(['/app/dist/relay.js'], { ...common, TURNSTREAM_RELAY_TARGETS: JSON.stringify({ turn: url }) });

    const log = jetstreamLog(nc);
    const session = newSession();
    const ref = { name: bot.name, hash: bot.hash };
    await tailOf(log).append(incoming(session, sessionOpened({ channel: 'test', bot: ref })));
    const turn = incoming(session, utteranceReceived({ text: 'hello', locale: 'en', channel: 'test', bot: ref }));
    await tailOf(log).append(turn);
    let events: readonly Stored[] = [];
    await expect
      .poll(async () => endingOf(turn.id, (events = await readSession(log, session)))?.envelope.type)
      .toBe('turn.replied');
    expect(checkSession(events)).toEqual([]);
  });
});
