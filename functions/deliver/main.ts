import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { inboxOf } from '../../shared/access/roles.ts';
import { FunctionConfig, loadConfig } from '../../shared/config/config.ts';
import { keyring } from '../../shared/crypto/keyring.ts';
import { readTenantKeys } from '../../shared/crypto/tenant-keys.ts';
import { breakers } from '../../shared/egress/breaker.ts';
import { egress } from '../../shared/egress/post.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { ops } from '../../shared/http/ops.ts';
import { serve } from '../../shared/http/serve.ts';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import { verifyStreams } from '../../shared/log/provision.ts';
import { telemetryConfig, TelemetryEnvironment } from '../../shared/telemetry/config.ts';
import { startTelemetry } from '../../shared/telemetry/start.ts';
import { readTenants, type Tenants } from '../../shared/tenancy/tenants.ts';
import { connectionState, connectLog, main, onStop } from '../process.ts';
import { armFailpoint } from '../run.ts';
import { endpointsOf } from './endpoints.ts';
import { deliver } from './handler.ts';
import { deliverHost } from './host.ts';
import { SPOKEN, verifyDeliveries } from './provision.ts';
import { SCHEDULE } from './schedule.ts';
import { webhooks } from './webhook.ts';

const DeliverConfig = v.object({
  ...FunctionConfig.entries,
  /** Path of the tenants' file. */
  TURNSTREAM_TENANTS: v.string(),
});

/** Pushes replies to the addresses that the tenants' file names. Not needed where it names none. */
main(async () => {
  const config = loadConfig(DeliverConfig, process.env);
  const watching = await startTelemetry(
    telemetryConfig(`turnstream-${deliver.name}`, loadConfig(TelemetryEnvironment, process.env)),
  );
  if (config.TURNSTREAM_FAILPOINT !== undefined) armFailpoint(config.TURNSTREAM_FAILPOINT);
  const endpoints = endpointsOf(await tenantsIn(config.TURNSTREAM_TENANTS), (variable) => process.env[variable]);
  const nc = await connectLog(config, deliver.name, inboxOf(deliver.name));
  await verifyStreams(nc);
  await verifyDeliveries(nc, [...endpoints.keys()]);
  watching.watchConsumers(nc, [SPOKEN]);
  const keysFile = config.TURNSTREAM_TENANT_KEYS;
  const keys = keysFile === undefined ? undefined : keyring(nc, await readTenantKeys(keysFile));
  const now = () => new Date();
  const out = egress();
  const running = await deliverHost({
    nc,
    ...(keys && { cipher: keys }),
    concurrency: config.TURNSTREAM_CONCURRENCY,
    endpointOf: (tenant) => endpoints.get(tenant),
    post: webhooks({ post: out.post, guard: breakers(), now }),
    schedule: SCHEDULE,
    chance: Math.random,
    now,
    telemetry: watching.telemetry,
    deadLetters: watching.deadLetters(deadLetters(nc)),
  });
  const connected = connectionState(nc);
  let stopping = false;
  const operators = ops({ ready: () => connected() && !stopping, metrics: () => watching.metricsText() });
  const { TURNSTREAM_OPS_HOST: hostname, TURNSTREAM_OPS_PORT: port } = config;
  const opsServer = await serve(operators, { hostname, port });
  const ready = { msg: 'ready', group: deliver.name, opsUrl: opsServer.url, pid: process.pid };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
  onStop(async () => {
    stopping = true;
    await running.stop();
    out.close();
    keys?.stop();
    await nc.drain();
    await opsServer.close();
    await watching.stop();
  });
});

async function tenantsIn(path: string): Promise<Tenants> {
  let config: unknown;
  try {
    config = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new PlatformError('config.invalid', `cannot read the tenants' file ${path}`, { retry: 'never', cause });
  }
  return readTenants(config);
}
