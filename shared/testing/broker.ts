import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { findServer } from '../broker/find.ts';
import { startServer } from '../broker/start.ts';
import type { Broker, BrokerUser, ClusterPlace } from '../broker/start.ts';
import { PlatformError } from '../errors/index.ts';
import { freePorts } from './ports.ts';

const POLL_MS = 20;
/** An election that ends in a tie is held again after up to nine seconds. */
const ELECTION_LIMIT_MS = 45_000;

/** A real server on a free port and a temporary store. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Another one after each restart. */
  readonly pid: () => number;
  /** A new connection, closed by `stop`. It reconnects until then, so that it survives a restart. */
  readonly nc: (options?: NodeConnectionOptions) => Promise<NatsConnection>;
  /**
   * Starts it again on the same port and store, whether it runs or was killed, and resolves when its connections are
   * back: what a client asks while it is disconnected is lost, and costs it the whole time limit.
   */
  readonly restart: () => Promise<void>;
  /** Ends it as a crash would; `restart` brings it back. */
  readonly kill: () => Promise<void>;
  /** Ends it for good and removes its store. */
  readonly stop: () => Promise<void>;
}

/** Real servers that form one cluster on this machine. */
export interface TestCluster {
  readonly urls: readonly string[];
  /** All of `urls` in one, as a client's configuration has it. */
  readonly url: string;
  readonly server: (index: number) => TestServer;
  /** A connection to whichever server answers, closed by `stop`. */
  readonly nc: (options?: NodeConnectionOptions) => Promise<NatsConnection>;
  /** Resolves when there is a leader and the connections are back; after the loss of the leader in some seconds. */
  readonly led: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface TestBrokerOptions {
  readonly sync?: 'default' | 'always';
  readonly users?: readonly BrokerUser[];
}

/**
 * Starts one server.
 *
 * @example
 * const broker = await startBroker();
 * const nc = await broker.nc();
 * await broker.stop();
 */
export async function startBroker(options: TestBrokerOptions = {}): Promise<TestServer> {
  return startOne(options, undefined);
}

/** Starts a cluster that has a leader and can make streams with as many replicas as it has servers. */
export async function startCluster(size = 3, options: Pick<TestBrokerOptions, 'sync'> = {}): Promise<TestCluster> {
  const servers = await startTogether(size, options);
  const urls = servers.map(({ url }) => url);
  const { nc, back, close } = connections(urls);
  const ask = await nc();
  const cluster: TestCluster = {
    urls,
    url: urls.join(','),
    nc,
    server(index) {
      const server = servers[index];
      if (!server) throw new RangeError(`the cluster has ${servers.length} servers, and no number ${index}`);
      return server;
    },
    async led() {
      await back();
      await until('the cluster has a leader', () => jetstreamManager(ask, { timeout: 250 }));
    },
    async stop() {
      await close();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
  try {
    await cluster.led();
    // A leader may not know all the others yet, and refuses a stream for which it has too few.
    const jsm = await jetstreamManager(ask, { timeout: 2000 });
    await until('a stream can be made on every server', () =>
      jsm.streams.add({ name: 'ready', subjects: ['turnstream.ready'], num_replicas: size }),
    );
    await jsm.streams.delete('ready');
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function startTogether(size: number, options: TestBrokerOptions, tries = 3): Promise<readonly TestServer[]> {
  // Servers of a cluster must know each other's ports before any of them starts.
  const ports = await freePorts(size);
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`);
  const started = await Promise.allSettled(
    ports.map((port, i) => startOne(options, { name: 'test', serverName: `server-${i}`, port, routes })),
  );
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = started.find((result) => result.status === 'rejected');
  if (!failure) return servers;
  await Promise.all(servers.map((server) => server.stop()));
  const reason: unknown = failure.reason;
  const taken = reason instanceof PlatformError && reason.code === 'broker.port-in-use';
  if (taken && tries > 1) return startTogether(size, options, tries - 1);
  throw reason;
}

async function startOne(
  { sync = 'default', users }: TestBrokerOptions,
  cluster: ClusterPlace | undefined,
): Promise<TestServer> {
  const binary = await foundOnce();
  const dir = await mkdtemp(join(tmpdir(), 'turnstream-broker-'));
  const start = (on: number) => startServer({ binary, dir, port: on, sync, users, cluster });
  const remove = () => rm(dir, { recursive: true, force: true });
  let broker: Broker = await start(0).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const { port, url } = broker;
  const { nc, back, close } = connections([url]);
  return {
    url,
    port,
    dir,
    pid: () => broker.pid,
    nc,
    async restart() {
      await broker.stop();
      broker = await start(port);
      await back();
    },
    kill: () => broker.kill('SIGKILL'),
    async stop() {
      await close();
      await broker.stop();
      await remove();
    },
  };
}

interface Connections {
  readonly nc: (options?: NodeConnectionOptions) => Promise<NatsConnection>;
  /** Resolves when each of them reaches a server again. */
  readonly back: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens connections and remembers them for closing. */
function connections(servers: readonly string[]): Connections {
  const open: NatsConnection[] = [];
  return {
    async nc(options = {}) {
      const nc = await connect({
        servers: [...servers],
        maxReconnectAttempts: -1,
        reconnectTimeWait: POLL_MS,
        reconnectJitter: 0,
        ...options,
      });
      open.push(nc);
      return nc;
    },
    async back() {
      await Promise.all(open.map((nc) => until('a connection is back', () => reaches(nc))));
    },
    async close() {
      await Promise.all(open.splice(0).map((nc) => nc.close()));
    },
  };
}

async function reaches(nc: NatsConnection): Promise<void> {
  if (nc.isClosed()) return;
  const late = new AbortController();
  const limit = delay(250, undefined, { signal: late.signal }).then(() => Promise.reject(new Error('no answer')));
  await Promise.race([nc.flush(), limit]).finally(() => {
    late.abort();
    limit.catch(() => undefined);
  });
}

/** Looking takes 30 ms, and a test file starts many servers. */
let binary: Promise<string> | undefined;

function foundOnce(): Promise<string> {
  binary ??= findServer({ env: process.env, server: process.env['TURNSTREAM_NATS_SERVER'] }).then(({ path }) => path);
  return binary;
}

async function until(what: string, attempt: () => Promise<unknown>): Promise<void> {
  const end = Date.now() + ELECTION_LIMIT_MS;
  let cause: unknown;
  while (Date.now() < end) {
    try {
      await attempt();
      return;
    } catch (error) {
      cause = error;
      await delay(POLL_MS);
    }
  }
  throw new Error(`waited too long until ${what}`, { cause });
}
