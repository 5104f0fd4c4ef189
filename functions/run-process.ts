import type { NatsConnection } from '@nats-io/nats-core';
import type * as v from 'valibot';
import { inboxOf } from '../shared/access/roles.ts';
import { loadConfig, type FunctionConfig } from '../shared/config/config.ts';
import { keyring, type Keyring } from '../shared/crypto/keyring.ts';
import { readTenantKeys } from '../shared/crypto/tenant-keys.ts';
import type { OpsOptions } from '../shared/http/ops.ts';
import type { Serving } from '../shared/http/listen.ts';
import { verifyStreams } from '../shared/log/provision.ts';
import { telemetryConfig, TelemetryEnvironment } from '../shared/telemetry/config.ts';
import { startTelemetry, type Watching } from '../shared/telemetry/start.ts';
import { armFailpoint } from './arm-failpoint.ts';
import { connectionState, main, onStop, waitForLog } from './process.ts';

/** What every process has when it begins its work. */
export interface Standing<Config> {
  readonly config: Config;
  readonly nc: NatsConnection;
  /** Whether the connection stands right now. */
  readonly isConnected: () => boolean;
  readonly watching: Watching;
  /** The sessions' keys, where the configuration names the tenants' keys. */
  readonly keys: Keyring | undefined;
}

/** The work of a process, once it has begun. */
export interface Working {
  /** Finishes what is under way. The connection still stands. */
  stop(): Promise<void>;
  /** Nothing is left to do: the process ends. */
  readonly done?: boolean;
  /** Told on standard output with the rest of the ready line, for whoever started the process. */
  readonly ready?: Readonly<Record<string, string>>;
}

/**
 * Runs a process of the platform: reads its configuration, connects as the user `name`, refuses a log that is not as
 * provisioned, serves health, readiness and metrics, and stops in an order in which nothing is lost. A log that does not
 * answer is waited for: the process says so, lives, and is not ready.
 */
export function runProcess<Schema extends v.GenericSchema<unknown, FunctionConfig>>(
  name: string,
  schema: Schema,
  begin: (standing: Standing<v.InferOutput<Schema>>) => Promise<Working>,
): void {
  const took = stopwatch();
  took.lap('load');
  main(async () => {
    const config = loadConfig(schema, process.env);
    const environment = loadConfig(TelemetryEnvironment, process.env);
    const watching = await startTelemetry(telemetryConfig(`turnstream-${name}`, environment));
    if (config.TURNSTREAM_FAILPOINT !== undefined) armFailpoint(config.TURNSTREAM_FAILPOINT);
    let isReady = () => false;
    let operators: Promise<Serving> | undefined;
    // Loaded late, and not before the first event: it does not wait for a web server.
    const openOperators = () =>
      (operators ??= serveOperators(config, { ready: () => isReady(), metrics: () => watching.metricsText() }));
    const nc = await waitForLog(config, name, inboxOf(name), openOperators);
    const isConnected = connectionState(nc);
    took.lap('connect');
    await verifyStreams(nc);
    took.lap('verify');
    const keysFile = config.TURNSTREAM_TENANT_KEYS;
    const keys = keysFile === undefined ? undefined : keyring(nc, await readTenantKeys(keysFile));
    const work = await begin({ config, nc, isConnected, watching, keys });
    const leave = async () => {
      await work.stop();
      keys?.stop();
      await nc.drain();
      await watching.stop();
    };
    if (work.done) return leave();
    took.lap('begin');

    let stopping = false;
    const opsServer = await openOperators();
    isReady = () => isConnected() && !stopping;
    // Before anybody is told: whoever hears that it is ready may ask it to stop at once.
    onStop(async () => {
      stopping = true;
      await leave();
      await opsServer.close();
    });
    const ready = { msg: 'ready', name, opsUrl: opsServer.url, ...work.ready, took: took.laps(), pid: process.pid };
    process.stdout.write(`${JSON.stringify(ready)}\n`);
  });
}

async function serveOperators(config: FunctionConfig, options: OpsOptions): Promise<Serving> {
  const { serveOps } = await import('../shared/http/ops.ts');
  return serveOps(options, { hostname: config.TURNSTREAM_OPS_HOST, port: config.TURNSTREAM_OPS_PORT });
}

/** Where the time of a start goes, in milliseconds: Node itself first, then what follows. */
function stopwatch() {
  const laps: Record<string, number> = { node: Math.round(performance.nodeTiming.bootstrapComplete) };
  let last = performance.nodeTiming.bootstrapComplete;
  return {
    lap(name: string) {
      const now = performance.now();
      laps[name] = Math.round(now - last);
      last = now;
    },
    laps: () => laps,
  };
}
