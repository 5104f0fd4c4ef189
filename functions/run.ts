import { FunctionConfig, loadConfig } from '../shared/config/config.ts';
import { PlatformError } from '../shared/errors/index.ts';
import { ops } from '../shared/http/ops.ts';
import { serve } from '../shared/http/serve.ts';
import { inboxOf } from '../shared/access/roles.ts';
import { keyring } from '../shared/crypto/keyring.ts';
import { readTenantKeys } from '../shared/crypto/tenant-keys.ts';
import { verifyStreams } from '../shared/log/provision.ts';
import type { Group } from '../shared/runtime/chain.ts';
import { FAILPOINTS, onFailpoint } from '../shared/runtime/failpoint.ts';
import { durableOf } from '../shared/runtime/pull.ts';
import { telemetryConfig, TelemetryEnvironment } from '../shared/telemetry/config.ts';
import { startTelemetry } from '../shared/telemetry/start.ts';
import { hostGroups, type PortsOf } from './host.ts';
import { connectionState, connectLog, main, onStop } from './process.ts';

/** A process that hosts one group of functions on its durable consumer, configured by the environment. */
export function runGroupProcess(group: Group, portsOf: PortsOf): void {
  main(async () => {
    const config = loadConfig(FunctionConfig, process.env);
    const watching = await startTelemetry(
      telemetryConfig(`turnstream-${group.name}`, loadConfig(TelemetryEnvironment, process.env)),
    );
    if (config.TURNSTREAM_FAILPOINT !== undefined) armFailpoint(config.TURNSTREAM_FAILPOINT);
    const nc = await connectLog(config, group.name, inboxOf(group.name));
    await verifyStreams(nc);
    watching.watchConsumers(nc, [durableOf(group)]);
    const keysFile = config.TURNSTREAM_TENANT_KEYS;
    const keys = keysFile === undefined ? undefined : keyring(nc, await readTenantKeys(keysFile));
    const running = await hostGroups({
      nc,
      groups: [group],
      portsOf,
      watching,
      ...(keys && { cipher: keys }),
      concurrency: config.TURNSTREAM_CONCURRENCY,
      sessionCache: config.TURNSTREAM_SESSION_CACHE,
    });
    const connected = connectionState(nc);
    let stopping = false;
    const operators = ops({ ready: () => connected() && !stopping, metrics: () => watching.metricsText() });
    const { TURNSTREAM_OPS_HOST: hostname, TURNSTREAM_OPS_PORT: port } = config;
    const opsServer = await serve(operators, { hostname, port });
    process.stdout.write(
      `${JSON.stringify({ msg: 'ready', group: group.name, opsUrl: opsServer.url, pid: process.pid })}\n`,
    );
    onStop(async () => {
      stopping = true;
      await running.stop();
      keys?.stop();
      await nc.drain();
      await opsServer.close();
      await watching.stop();
    });
  });
}

/** The process kills itself the first time it comes to the place: nothing is flushed, nobody is told. */
export function armFailpoint(name: string): void {
  if (!FAILPOINTS.some((f) => f === name)) {
    throw new PlatformError('config.invalid', `there is no failpoint ${name}`, { retry: 'never' });
  }
  onFailpoint((reached) => {
    if (reached === name) process.kill(process.pid, 'SIGKILL');
  });
}
