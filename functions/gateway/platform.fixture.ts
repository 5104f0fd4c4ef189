import type { NatsConnection } from '@nats-io/nats-core';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Log } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { serve, type Serving } from '../../shared/http/serve.ts';
import { pullHost } from '../../shared/runtime/pull.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { testHost } from '../../shared/testing/rig.ts';
import { durablesOf, groupsOf } from '../index.ts';
import type { Gateway } from './app.ts';
import { ACME, clientOf, gatewayOn, type Client } from './gateway.fixture.ts';
import type { GatewayOptions } from './options.ts';

/** A gateway that is served, with a connection to the log of its own. */
export interface Served {
  readonly gateway: Gateway;
  readonly url: string;
  readonly nc: NatsConnection;
  client(key?: string): Client;
  /** The events of a session, as they happen. */
  stream(session: string, after?: number): Promise<ReadableStream<Uint8Array>>;
  stop(): Promise<void>;
}

/** A real server with the functions of a turn, for as many gateways as a test wants. */
export interface TestPlatform {
  readonly broker: TestServer;
  readonly nc: NatsConnection;
  readonly log: Log;
  gateway(over?: Partial<GatewayOptions>): Promise<Served>;
  stop(): Promise<void>;
}

/** Starts a server and the functions; the gateways that were asked for are stopped with it. */
export async function startPlatform(): Promise<TestPlatform> {
  const broker = await startBroker();
  const nc = await broker.nc();
  const groups = groupsOf('chained');
  await provision(nc, { replicas: 1, durables: durablesOf(groups) });
  const log = jetstreamLog(nc);
  const letters = deadLetters(nc);
  const hosts = await Promise.all(
    groups.map((group) => pullHost({ nc, group, host: testHost(log), deadLetters: letters, concurrency: 32 })),
  );
  const served: Served[] = [];
  return {
    broker,
    nc,
    log,
    async gateway(over = {}) {
      const one = await serveGateway(await broker.nc(), over);
      served.push(one);
      return one;
    },
    async stop() {
      await Promise.all(served.map((s) => s.stop()));
      await Promise.all(hosts.map((h) => h.stop()));
      await broker.stop();
    },
  };
}

async function serveGateway(nc: NatsConnection, over: Partial<GatewayOptions>): Promise<Served> {
  const gateway = gatewayOn(jetstreamLog(nc, { timeoutMs: 2_000 }), over);
  const serving: Serving = await serve(gateway.app, { port: 0, hostname: '127.0.0.1' });
  const { url } = serving;
  let stopped: Promise<void> | undefined;
  return {
    gateway,
    url,
    nc,
    client: (key = ACME) => clientOf((path, init) => fetch(url + path, init), key),
    async stream(session, after) {
      const headers = {
        authorization: `Bearer ${ACME}`,
        accept: 'text/event-stream',
        ...(after !== undefined && { 'last-event-id': String(after) }),
      };
      const { status, body } = await fetch(`${url}/v1/sessions/${session}/events`, { headers });
      if (status !== 200 || !body) throw new Error(`no stream: ${status}`);
      return body;
    },
    stop() {
      stopped ??= gateway.close().then(() => serving.close());
      return stopped;
    },
  };
}
