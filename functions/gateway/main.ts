import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { gatewayRole, inboxOf } from '../../shared/access/roles.ts';
import { loadBots } from '../../shared/bot/load.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { GatewayConfig, loadConfig } from '../../shared/config/config.ts';
import { keyring } from '../../shared/crypto/keyring.ts';
import { readTenantKeys } from '../../shared/crypto/tenant-keys.ts';
import { verifyStreams } from '../../shared/log/provision.ts';
import { telemetryConfig, TelemetryEnvironment } from '../../shared/telemetry/config.ts';
import { startTelemetry } from '../../shared/telemetry/start.ts';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { connectLog, main, onStop } from '../process.ts';
import { startGateway } from './start.ts';

// The HTTP API as a process of its own, configured by the environment.
main(async () => {
  const config = loadConfig(GatewayConfig, process.env);
  const watching = await startTelemetry(
    telemetryConfig('turnstream-gateway', loadConfig(TelemetryEnvironment, process.env)),
  );
  const nc = await connectLog(config, gatewayRole.user, inboxOf(gatewayRole.user));
  await verifyStreams(nc);
  const bots = await loadBots(config.TURNSTREAM_BOTS);
  for (const bot of bots.values()) await publishBot(nc, bot);
  const keysFile = config.TURNSTREAM_TENANT_KEYS;
  const keys = keysFile === undefined ? undefined : keyring(nc, await readTenantKeys(keysFile));
  const running = await startGateway({
    nc,
    bots,
    watching,
    tenants: readTenants(parse(await readFile(config.TURNSTREAM_TENANTS, 'utf8'))),
    openDemo: config.TURNSTREAM_OPEN_DEMO,
    sessionKey: config.TURNSTREAM_SESSION_KEY,
    host: config.TURNSTREAM_HOST,
    port: config.TURNSTREAM_PORT,
    opsPort: config.TURNSTREAM_OPS_PORT,
    ...(keys && { keys }),
  });
  process.stdout.write(
    `${JSON.stringify({ msg: 'ready', url: running.url, opsUrl: running.opsUrl, pid: process.pid })}\n`,
  );
  onStop(async () => {
    await running.stop();
    keys?.stop();
    await nc.drain();
    await watching.stop();
  });
});
