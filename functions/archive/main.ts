import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { archiveRole, inboxOf } from '../../shared/access/roles.ts';
import { loadConfig } from '../../shared/config/config.ts';
import { keyring } from '../../shared/crypto/keyring.ts';
import { readTenantKeys } from '../../shared/crypto/tenant-keys.ts';
import { ops } from '../../shared/http/ops.ts';
import { serve } from '../../shared/http/serve.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { verifyStreams } from '../../shared/log/provision.ts';
import { telemetryConfig, TelemetryEnvironment } from '../../shared/telemetry/config.ts';
import { startTelemetry } from '../../shared/telemetry/start.ts';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { connectionState, connectLog, main, onStop } from '../process.ts';
import { archiveOnce } from './archive-once.ts';
import { archiveOf, type Report } from './archive.ts';
import { ArchiveConfig, objectsOf } from './config.ts';
import { archiveHost } from './host.ts';
import { retentionOf } from './retention.ts';

const HOUR_MS = 3_600_000;

// Writes idle sessions to the archive, and lets them leave the log. `--once`: one look, its report on standard output.
main(async () => {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  const config = loadConfig(ArchiveConfig, process.env);
  const objects = objectsOf(config);
  const quietHours = config.TURNSTREAM_ARCHIVE_QUIET_HOURS;
  const retention = retentionOf(readTenants(parse(await readFile(config.TURNSTREAM_TENANTS, 'utf8'))), {
    quietMs: quietHours === undefined ? undefined : quietHours * HOUR_MS,
    plain: config.TURNSTREAM_ARCHIVE_PLAIN,
  });
  const watching = await startTelemetry(
    telemetryConfig('turnstream-archive', loadConfig(TelemetryEnvironment, process.env)),
  );
  const nc = await connectLog(config, archiveRole.user, inboxOf(archiveRole.user));
  await verifyStreams(nc);
  const keysFile = config.TURNSTREAM_TENANT_KEYS;
  const keys = keysFile === undefined ? undefined : keyring(nc, await readTenantKeys(keysFile));
  const log = jetstreamLog(nc, keys ? { cipher: keys } : {});
  const archive = archiveOf({ nc, log, objects, retention, now: () => new Date(), ...(keys && { keyring: keys }) });
  if (values.once) {
    process.stdout.write(`${JSON.stringify(await archiveOnce(archive))}\n`);
    keys?.stop();
    await nc.drain();
    await watching.stop();
    return;
  }

  const running = archiveHost(archive, {
    everyMs: config.TURNSTREAM_ARCHIVE_EVERY_SECONDS * 1_000,
    onReport: ({ written, left, failures }: Report) => {
      if (written.length > 0 || left > 0) watching.logger.info('archived', { files: written.length, left });
      for (const { tenant, code } of failures) watching.logger.warn('a tenant was not archived', { tenant, code });
    },
    onError: (error) => {
      watching.logger.warn('could not look at the log', {}, error);
    },
  });
  const connected = connectionState(nc);
  let stopping = false;
  const operators = ops({ ready: () => connected() && !stopping, metrics: () => watching.metricsText() });
  const { TURNSTREAM_OPS_HOST: hostname, TURNSTREAM_OPS_PORT: port } = config;
  const opsServer = await serve(operators, { hostname, port });
  process.stdout.write(
    `${JSON.stringify({ msg: 'ready', group: archiveRole.user, opsUrl: opsServer.url, pid: process.pid })}\n`,
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
