import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jetstreamManager } from '@nats-io/jetstream';
import { build as bundled, type Options } from 'tsup';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventId } from '../events/envelope.ts';
import { sessionOpened } from '../events/session.ts';
import { utteranceReceived } from '../events/understanding.ts';
import { canonicalBot } from '../shared/bot/canonical.ts';
import { publishBot } from '../shared/bot/store.ts';
import { tailOf, type Tail } from '../shared/log/append.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import type { Log, SessionRef, Stored } from '../shared/log/log.ts';
import { provision } from '../shared/log/provision.ts';
import { readSession } from '../shared/log/read.ts';
import { CONVERSATIONS } from '../shared/log/streams.ts';
import { provisionTicks } from '../shared/log/timers.ts';
import { endingOf } from '../shared/runtime/place.ts';
import { testBot } from '../shared/testing/bot.ts';
import { startBroker, type TestServer } from '../shared/testing/broker.ts';
import { incoming, newSession } from '../shared/testing/rig.ts';
import { COMMON, OTHERS, PROCESSES } from '../tsup.config.ts';
import { durablesOf, groupsOf } from './index.ts';

// Two versions of every function on the same durable consumers, as bundles: this tree, and this tree with the next
// revision of an event. Only that version can read what it writes.

const ROOT = join(import.meta.dirname, '..');
const SAYS = ['hello', 'where is my parcel', 'it is TS12345678', 'mumble mumble'];
const bot = canonicalBot(testBot);
const ref = { name: bot.name, hash: bot.hash };
const BUILD_MS = 120_000;
const TURN_MS = 30_000;
const SESSIONS = 6;

type Version = 'old' | 'new';

let dir: string;
let broker: TestServer;
let log: Log;
let tail: Tail;
const running = new Map<Version, readonly ChildProcess[]>();

beforeAll(async () => {
  await mkdir(join(ROOT, 'node_modules/.cache'), { recursive: true });
  dir = await mkdtemp(join(ROOT, 'node_modules/.cache/turnstream-rollout-'));
  await bundle('old');
  await bundle('new', withNextRevision);
  broker = await startBroker();
  const nc = await broker.nc();
  const durables = durablesOf(groupsOf('hop-by-hop')).map((durable) => ({ ...durable, ackWaitMs: 1_000 }));
  await provision(nc, { replicas: 1, durables });
  await provisionTicks(nc);
  await publishBot(nc, bot);
  log = jetstreamLog(nc);
  tail = tailOf(log);
}, BUILD_MS);
afterAll(async () => {
  await Promise.all([...running.keys()].map((version) => stop(version)));
  await broker.stop();
  await rm(dir, { recursive: true });
});

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** `intent.classified` at its next revision, which means the same. */
const withNextRevision: Plugin = {
  name: 'next-revision',
  setup(build) {
    // Esbuild reads it with Go, which knows no flag u.
    build.onLoad({ filter: /events\/understanding\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replace(
        /(type: 'intent\.classified',\s+revision: )1,/u,
        '$12, upcasts: { 1: (data: object) => data },',
      );
      if (contents === text) throw new Error('there is no intent.classified at revision 1');
      return { contents, loader: 'ts' };
    });
  },
};

async function bundle(version: Version, ...esbuildPlugins: readonly Plugin[]): Promise<void> {
  await bundled({
    ...COMMON,
    entry: { turn: PROCESSES.turn, ...OTHERS },
    config: false,
    silent: true,
    sourcemap: false,
    outDir: join(dir, version, 'dist'),
    esbuildPlugins: [...esbuildPlugins],
  });
  for (const name of ['models', 'package.json']) await symlink(join(ROOT, name), join(dir, version, name));
}

/** Starts functions of a version, by default all of them, and resolves when they are ready. */
async function start(version: Version, names = groupsOf('hop-by-hop').map(({ name }) => name)): Promise<void> {
  const env = {
    ...process.env,
    TURNSTREAM_NATS_URL: broker.url,
    TURNSTREAM_OPS_HOST: '127.0.0.1',
    TURNSTREAM_OPS_PORT: '0',
  };
  const children = names.map((name) =>
    spawn(process.execPath, [join(dir, version, 'dist/turn.js'), '--group', name], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  running.set(version, children);
  await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
}

/** Stops them as a platform does, under load. */
async function stop(version: Version): Promise<void> {
  const children = running.get(version) ?? [];
  running.delete(version);
  const gone = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(gone);
}

async function open(): Promise<SessionRef> {
  const session = newSession();
  await tail.append(incoming(session, sessionOpened({ channel: 'test', bot: ref })));
  return session;
}

async function say(session: SessionRef, text: string): Promise<EventId> {
  const event = incoming(session, utteranceReceived({ text, locale: 'en', channel: 'test', bot: ref }));
  await tail.append(event);
  return event.id;
}

const eventsOf = (session: SessionRef) => readSession(log, session);

async function ended(session: SessionRef, turn: EventId): Promise<void> {
  const isOver = async () => endingOf(turn, await eventsOf(session)) !== undefined;
  await expect.poll(isOver, { timeout: TURN_MS, interval: 25, message: 'a turn has not ended' }).toBe(true);
}

/** Customers who go on talking, each waiting for an answer, until they are told to stop. */
function load() {
  let turns = 0;
  let going = true;
  const customers = Array.from({ length: SESSIONS }, async () => {
    const session = await open();
    for (let n = 0; going; n++) {
      await ended(session, await say(session, SAYS[n % SAYS.length] ?? ''));
      turns++;
    }
    return session;
  });
  return {
    /** Resolves when so many more turns have ended. */
    async more(count: number) {
      const until = turns + count;
      await expect.poll(() => turns, { timeout: TURN_MS * 2, interval: 25 }).toBeGreaterThanOrEqual(until);
    },
    async end(): Promise<readonly SessionRef[]> {
      going = false;
      return Promise.all(customers);
    },
  };
}

const writers = (events: readonly Stored[]) =>
  new Set(events.flatMap(({ envelope: { type, revision } }) => (type === 'intent.classified' ? [revision] : [])));

/** Checks the whole log, as a version of the command line that can read all of it does. */
async function verified(): Promise<{
  readonly violated: number;
  readonly unchecked: number;
  readonly findings: unknown;
}> {
  const args = [join(dir, 'new/dist/turnstream.js'), 'verify', '--json', '--nats', broker.url];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch(
    (error: unknown) => error as { stdout: string },
  );
  return JSON.parse(stdout) as Awaited<ReturnType<typeof verified>>;
}

it(
  'loses and doubles no turn while a version comes, goes back and comes again under load',
  { timeout: 180_000 },
  async () => {
    await start('old');
    const customers = load();
    await customers.more(20);
    await start('new');
    await customers.more(40);
    await stop('old');
    await customers.more(20);
    // Back, once both run again: what only the new version can read would wait otherwise.
    await start('old');
    await customers.more(20);
    const sessions = await customers.end();

    const all = (await Promise.all(sessions.map(eventsOf))).flat();
    expect([...writers(all)].sort()).toEqual([1, 2]);
    const opened = all.filter(({ envelope }) => envelope.type === 'utterance.received');
    const endings = all.filter(({ envelope }) => envelope.type.startsWith('turn.'));
    expect(new Set(endings.map(({ envelope }) => envelope.turn)).size).toBe(opened.length);
    expect(endings.map(({ envelope }) => envelope.type).filter((type) => type === 'turn.dead-lettered')).toEqual([]);
    expect(await verified()).toMatchObject({ violated: 0, unchecked: 0 });
  },
);

it(
  'rule 11: a turn that only the newer version can read waits for it, and is answered when it returns',
  { timeout: 60_000 },
  async () => {
    await Promise.all([stop('old'), stop('new')]);
    await start('new', ['intent']);
    await start('old', ['entity', 'policy', 'reply']);
    const session = await open();
    const waiting = await say(session, 'hello');
    await expect.poll(async () => [...writers(await eventsOf(session))]).toEqual([2]);
    // The old policy was given what it cannot read, and gave it back.
    const jsm = await jetstreamManager(await broker.nc());
    const givenBack = async () => (await jsm.consumers.info(CONVERSATIONS, 'ts-policy')).num_redelivered;
    await expect.poll(givenBack).toBeGreaterThan(0);
    expect(endingOf(waiting, await eventsOf(session))).toBeUndefined();
    await stop('new');
    await start('new');
    await ended(session, waiting);
    expect(await verified()).toMatchObject({ violated: 0, unchecked: 0 });
  },
);
