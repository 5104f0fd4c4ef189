import type { NatsConnection } from '@nats-io/nats-core';
import type * as v from 'valibot';
import { inboxOf } from '../shared/access/roles.ts';
import { loadConfig, type FunctionConfig } from '../shared/config/config.ts';
import { keyring, type Keyring } from '../shared/crypto/keyring.ts';
import { readTenantKeys } from '../shared/crypto/tenant-keys.ts';
import { verifyStreams } from '../shared/log/provision.ts';
import { telemetryConfig, TelemetryEnvironment } from '../shared/telemetry/config.ts';
import { startTelemetry, type Watching } from '../shared/telemetry/start.ts';
import { armFailpoint } from './arm-failpoint.ts';
import { connectionState, connectLog, main, onStop } from './process.ts';

/** What every process has when it begins its work. */
export interface Standing<Config> {
  readonly config: Config;
  readonly nc: NatsConnection;
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
 * provisioned, serves health, readiness and metrics, and stops in an order in which nothing is lost.
 */
export function runProcess<Schema extends v.GenericSchema<unknown, FunctionConfig>>(
  name: string,
  schema: Schema,
  begin: (standing: Standing<v.InferOutput<Schema>>) => Promise<Working>,
): void {
  main(async () => {
    const config = loadConfig(schema, process.env);
    const environment = loadConfig(TelemetryEnvironment, process.env);
    const watching = await startTelemetry(telemetryConfig(`turnstream-${name}`, environment));
    if (config.TURNSTREAM_FAILPOINT !== undefined) armFailpoint(config.TURNSTREAM_FAILPOINT);
    const nc = await connectLog(config, name, inboxOf(name));
    await verifyStreams(nc);
    const keysFile = config.TURNSTREAM_TENANT_KEYS;
    const keys = keysFile === undefined ? undefined : keyring(nc, await readTenantKeys(keysFile));
    const work = await begin({ config, nc, watching, keys });
    const leave = async () => {
      await work.stop();
      keys?.stop();
      await nc.drain();
      await watching.stop();
    };
    if (work.done) return leave();

    const connected = connectionState(nc);
    let stopping = false;
    // Loaded now and not before: the first event does not wait for a web server.
    const [{ ops }, { serve }] = await Promise.all([
      import('../shared/http/ops.ts'),
      import('../shared/http/serve.ts'),
    ]);
    const operators = ops({ ready: () => connected() && !stopping, metrics: () => watching.metricsText() });
    const { TURNSTREAM_OPS_HOST: hostname, TURNSTREAM_OPS_PORT: port } = config;
    const opsServer = await serve(operators, { hostname, port });
    const ready = { msg: 'ready', name, opsUrl: opsServer.url, ...work.ready, pid: process.pid };
    process.stdout.write(`${JSON.stringify(ready)}\n`);
    onStop(async () => {
      stopping = true;
      await leave();
      await opsServer.close();
    });
  });
}
