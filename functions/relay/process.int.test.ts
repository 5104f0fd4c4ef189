import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { sessionOpened } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { brokerUser, groupRole, inboxOf, operatorRole, relayRole, type Role } from '../../shared/access/roles.ts';
import { canonicalBot } from '../../shared/bot/canonical.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { keyring } from '../../shared/crypto/keyring.ts';
import { ensureTenantKeys } from '../../shared/crypto/tenant-keys.ts';
import { tailOf, type Tail } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { readSession } from '../../shared/log/read.ts';
import { provisionTicks } from '../../shared/log/timers.ts';
import { endingOf } from '../../shared/runtime/place.ts';
import { testBot } from '../../shared/testing/bot.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { freePort } from '../../shared/testing/ports.ts';
import { incoming, newSession } from '../../shared/testing/rig.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { supervise, type Supervised } from '../faults/supervised.ts';
import { transcriptOf } from '../faults/transcript.ts';
import { durablesOf, groupsOf, type Hosting } from '../index.ts';

const SAYS = ['hello', 'where is my parcel', 'it is TS12345678', 'mumble mumble', 'a human please'];
const TIMEOUT = { timeout: 120_000 };
const ACK_WAIT_MS = 1_000;
const bot = canonicalBot(testBot);
const groups = [...groupsOf('chained'), ...groupsOf('hop-by-hop')];
const roles = [operatorRole, relayRole(groups), ...groups.map(groupRole)];

let broker: TestServer;
let dir: string;
let log: Log;
let tail: Tail;
let started: Supervised[] = [];

beforeAll(async () => {
  broker = await startBroker({ users: roles.map((role) => brokerUser(role, role.user)) });
  dir = await mkdtemp(join(tmpdir(), 'turnstream-relay-'));
  const nc = await broker.nc({ user: 'operator', pass: 'operator', inboxPrefix: inboxOf('operator') });
  const durables = durablesOf(groups).map((durable) => ({ ...durable, ackWaitMs: ACK_WAIT_MS }));
  await provision(nc, { replicas: 1, durables });
  await provisionTicks(nc);
  await publishBot(nc, bot);
  const keys = await ensureTenantKeys(join(dir, 'keys.json'), ['acme']);
  log = jetstreamLog(nc, { cipher: keyring(nc, keys) });
  tail = tailOf(log);
});
afterEach(async () => {
  await Promise.all(started.map((p) => p.stop()));
  started = [];
});
afterAll(async () => {
  await broker.stop();
  await rm(dir, { recursive: true });
});

const connection = ({ user }: Pick<Role, 'user'>) => ({
  TURNSTREAM_NATS_URL: broker.url,
  TURNSTREAM_NATS_USER: user,
  TURNSTREAM_NATS_PASSWORD: user,
  TURNSTREAM_OPS_HOST: '127.0.0.1',
  TURNSTREAM_OPS_PORT: '0',
});

/** The functions as they are shipped, on their durable consumers or behind HTTP, with the keys to what is said. */
async function functions(hosting: Hosting, mode: 'pull' | 'http') {
  const targets: Record<string, string> = {};
  const processes = new Map<string, Supervised>();
  for (const group of groupsOf(hosting)) {
    const port = await freePort();
    targets[group.name] = `http://127.0.0.1:${port}`;
    const env = {
      ...connection(groupRole(group)),
      TURNSTREAM_TENANT_KEYS: join(dir, 'keys.json'),
      TURNSTREAM_HOST_MODE: mode,
      TURNSTREAM_HOST: '127.0.0.1',
      TURNSTREAM_PORT: String(port),
      TURNSTREAM_LINGER_MS: '0',
    };
    const process = supervise('../main.ts', ['--group', group.name], env);
    started.push(process);
    processes.set(group.name, process);
  }
  await Promise.all([...processes.values()].map((p) => p.ready()));
  return { targets, processes };
}

/** A relay as it is shipped: without any keys. */
async function relay(targets: Readonly<Record<string, string>>): Promise<Supervised> {
  const env = { ...connection(relayRole([])), TURNSTREAM_RELAY_TARGETS: JSON.stringify(targets) };
  const process = supervise('../relay/main.ts', [], env);
  started.push(process);
  await process.ready();
  return process;
}

const ref = { name: bot.name, hash: bot.hash };
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
async function ended(session: SessionRef, turn: EventId, timeout = 20_000): Promise<readonly Stored[]> {
  let events: readonly Stored[] = [];
  const isOver = async () => {
    events = await readSession(log, session);
    return endingOf(turn, events) !== undefined;
  };
  await expect.poll(isOver, { timeout, interval: 15, message: 'the turn has not ended' }).toBe(true);
  return events;
}
async function talk(session: SessionRef, between: (n: number) => void = () => undefined): Promise<readonly Stored[]> {
  let events: readonly Stored[] = [];
  for (const [n, text] of SAYS.entries()) {
    const turn = await say(session, text);
    between(n);
    events = await ended(session, turn);
  }
  return events;
}

describe.each(['hop-by-hop', 'chained'] as const)('functions behind HTTP and a relay, %s,', (hosting) => {
  it('say the same as functions that pull, with no more rights than their roles have', TIMEOUT, async () => {
    await functions(hosting, 'pull');
    const pulled = transcriptOf(await talk(await open()));
    await Promise.all(started.map((p) => p.stop()));
    const { targets } = await functions(hosting, 'http');
    await relay(targets);
    const events = await talk(await open());
    expect(transcriptOf(events)).toEqual(pulled);
    expect(checkSession(events)).toEqual([]);
  });

  it('answer every turn once, while relays and functions are killed', TIMEOUT, async () => {
    const { targets, processes } = await functions(hosting, 'http');
    const relays = [await relay(targets), await relay(targets)];
    const calm = transcriptOf(await talk(await open()));
    const victims = [...processes.values(), ...relays];
    let killed = 0;
    const sessions = await Promise.all(Array.from({ length: 6 }, open));
    const talked = await Promise.all(
      sessions.map((session, i) =>
        talk(session, (n) => {
          if (i === n) victims[killed++ % victims.length]?.kill();
        }),
      ),
    );
    for (const events of talked) {
      expect(checkSession(events)).toEqual([]);
      expect(transcriptOf(events)).toEqual(calm);
    }
    expect(victims.reduce((sum, p) => sum + p.deaths(), 0)).toBeGreaterThanOrEqual(killed);
    expect(killed).toBeGreaterThanOrEqual(5);
  });
});
