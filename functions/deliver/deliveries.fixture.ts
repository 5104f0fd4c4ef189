import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { expect } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { turnReplied } from '../../events/turn.ts';
import { breakers } from '../../shared/egress/breaker.ts';
import { egress } from '../../shared/egress/post.ts';
import type { Receiver } from '../../shared/egress/receiver.fixture.ts';
import { tailOf } from '../../shared/log/append.ts';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { readSession } from '../../shared/log/read.ts';
import { CONVERSATIONS, TIMERS } from '../../shared/log/streams.ts';
import type { Cipher } from '../../shared/log/wire.ts';
import { unwatched } from '../../shared/runtime/host.ts';
import type { Running } from '../../shared/runtime/pull.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { incoming, newSession, opening } from '../../shared/testing/rig.ts';
import { addressing } from './endpoints.ts';
import type { Endpoint } from './handler.ts';
import { deliverHost } from './host.ts';
import { DUE, provisionDeliveries, SPOKEN } from './provision.ts';
import { webhooks } from './webhook.ts';

export const SECRET = `whsec_${'c2VjcmV0'.repeat(4)}`;
/** The real one, a thousand times faster and without its long end. */
export const QUICK: readonly number[] = [0, 20, 60, 120];
const ACK_WAIT_MS = 1_000;

/** The channel of a test, as an endpoint. */
export const endpointAt = ({ url }: Receiver): Endpoint => ({
  name: 'hook',
  url,
  secrets: [SECRET],
  allowPrivate: true,
});

export interface HostOptions {
  readonly schedule?: readonly number[];
  readonly cipher?: Cipher;
  readonly timeoutMs?: number;
  readonly concurrency?: number;
  /** The desks' addresses. */
  readonly desks?: ReadonlyMap<TenantId, Endpoint>;
}

/** A real log, and hosts that deliver what is said in it. */
export interface Deliveries {
  readonly broker: TestServer;
  readonly nc: NatsConnection;
  readonly log: Log;
  /** The bot says something to a customer. */
  readonly say: (text: string, ref?: SessionRef) => Promise<Stored>;
  /** Starts a host on a connection of its own. */
  readonly host: (endpoints: ReadonlyMap<TenantId, Endpoint>, options?: HostOptions) => Promise<Running>;
  /** Starts the real process; its schedule is the real one. */
  readonly process: (receiver: Receiver, env?: Readonly<Record<string, string>>) => Promise<Child>;
  /** What stands in the log about the delivery of a reply. */
  readonly outcomes: (reply: Stored) => Promise<readonly { readonly type: string; readonly data: unknown }[]>;
  /** Resolves when nothing is waiting to be delivered or acknowledged, on either consumer. */
  readonly settled: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface Child {
  /** Resolves with the signal or the exit code, when the process is gone. */
  readonly gone: Promise<string>;
  readonly output: () => string;
  readonly stop: () => Promise<string>;
}

/** Starts a broker that is provisioned for deliveries of these tenants, and to the desks of those. */
export async function startDeliveries(
  tenants: readonly TenantId[],
  cipher?: Cipher,
  desks: readonly TenantId[] = [],
): Promise<Deliveries> {
  const broker = await startBroker();
  const dir = await mkdtemp(join(tmpdir(), 'turnstream-deliver-'));
  const nc = await broker.nc();
  await provision(nc, { replicas: 1, durables: [] });
  await provisionDeliveries(nc, { channels: tenants, desks }, ACK_WAIT_MS);
  const log = jetstreamLog(nc, cipher ? { cipher } : {});
  const tail = tailOf(log);
  const opened = new Map<string, Promise<unknown>>();
  const running = new Set<Running>();
  const children = new Set<Child>();

  return {
    broker,
    nc,
    log,
    async say(text, ref = newSession()) {
      const draft = turnReplied({ messages: [{ text, buttons: [] }], locale: 'en' });
      const time = new Date().toISOString();
      const known = opened.get(ref.session) ?? tail.append(incoming(ref, opening()));
      opened.set(ref.session, known);
      await known;
      const placed = await tail.append(incoming(ref, draft, { emitter: 'reply', time }));
      if (placed.kind !== 'appended') throw new Error('said twice');
      return placed.stored;
    },
    async host(
      endpoints,
      { schedule = QUICK, timeoutMs = 2_000, concurrency = 16, cipher: own, desks: toDesks = new Map() } = {},
    ) {
      const connection = await broker.nc();
      const out = egress({ timeoutMs });
      const now = () => new Date();
      const host = await deliverHost({
        nc: connection,
        ...(own && { cipher: own }),
        concurrency,
        endpointOf: addressing(endpoints, toDesks),
        post: webhooks({ post: out.post, guard: breakers(), now }),
        schedule,
        chance: () => 0,
        now,
        telemetry: unwatched,
        deadLetters: deadLetters(connection),
      });
      const stoppable: Running = {
        async stop() {
          if (!running.delete(stoppable)) return;
          await host.stop();
          out.close();
        },
      };
      running.add(stoppable);
      return stoppable;
    },
    async process(receiver, env = {}) {
      const file = join(dir, 'tenants.json');
      const webhook = { url: receiver.url, secretFrom: 'HOOK_SECRET', allowPrivate: true };
      await writeFile(file, JSON.stringify({ tenants: { acme: { bot: 'shop', webhook } } }));
      const child = await startChild({
        TURNSTREAM_NATS_URL: broker.url,
        TURNSTREAM_TENANTS: file,
        TURNSTREAM_OPS_PORT: '0',
        HOOK_SECRET: SECRET,
        ...env,
      });
      children.add(child);
      return child;
    },
    async outcomes({ envelope, position }) {
      const later = await readSession(log, envelope, { after: position });
      return later
        .filter((s) => s.envelope.causation === envelope.id)
        .map(({ envelope: { type, data } }) => ({ type, data }));
    },
    async settled() {
      const jsm = await jetstreamManager(nc);
      const open = async () => {
        const both = await Promise.all([jsm.consumers.info(CONVERSATIONS, SPOKEN), jsm.consumers.info(TIMERS, DUE)]);
        return both.reduce((sum, { num_ack_pending, num_pending }) => sum + num_ack_pending + num_pending, 0);
      };
      await expect.poll(open, { timeout: 5_000 }).toBe(0);
    },
    async stop() {
      for (const each of running) await each.stop();
      for (const each of children) await each.stop();
      await broker.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function startChild(env: Readonly<Record<string, string>>): Promise<Child> {
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [main], { env: { PATH: process.env['PATH'], ...env }, stdio: 'pipe' });
  let output = '';
  const gone = once(child, 'exit').then(([code, signal]) => String(signal ?? code));
  const ready = new Promise<void>((resolve) => {
    createInterface(child.stdout).on('line', (line) => {
      output += `${line}\n`;
      if (line.includes('"ready"')) resolve();
    });
  });
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  await Promise.race([ready, gone.then((how) => Promise.reject(new Error(`ended with ${how}: ${output}`)))]);
  return {
    gone,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      return gone;
    },
  };
}
