import { archiveRole } from '../../shared/access/roles.ts';
import { objectsOf } from '../../shared/archive/config.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { runProcess } from '../run-process.ts';
import { tenantsIn } from '../tenants-file.ts';
import { archiveOnce } from './archive-once.ts';
import { archiveOf, type Report } from './archive.ts';
import { ArchiveConfig } from './config.ts';
import { archiveHost } from './host.ts';
import { keepSoundOnce } from './keep-sound.ts';
import { retentionOf } from './retention.ts';
import { soundHost } from './sound-host.ts';

/** An import would read every name of the module: 1.5 ms of a start. */
const { parseArgs } = process.getBuiltinModule('node:util');

const HOUR_MS = 3_600_000;

// Writes idle sessions to the archive, and lets them leave the log. `--once`: one look, its report on standard output.
runProcess(archiveRole.user, ArchiveConfig, async ({ config, nc, watching, keys }) => {
  const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
  const quietHours = config.TURNSTREAM_ARCHIVE_QUIET_HOURS;
  const tenants = await tenantsIn(config.TURNSTREAM_TENANTS);
  const retention = retentionOf(tenants, {
    quietMs: quietHours === undefined ? undefined : quietHours * HOUR_MS,
    plain: config.TURNSTREAM_ARCHIVE_PLAIN,
  });
  const log = jetstreamLog(nc, keys ? { cipher: keys } : {});
  const objects = objectsOf(config);
  const around = { nc, log, objects, retention, now: () => new Date() };
  const keeping = { nc, objects, tenants, now: around.now, ...(keys && { keyring: keys }) };
  const archive = archiveOf({ ...around, ...(keys && { keyring: keys }) });
  if (values.once) {
    const sound = await keepSoundOnce(keeping);
    process.stdout.write(`${JSON.stringify({ ...(await archiveOnce(archive)), sound })}\n`);
    return { done: true, stop: () => Promise.resolve() };
  }
  const archiving = archiveHost(archive, {
    everyMs: config.TURNSTREAM_ARCHIVE_EVERY_SECONDS * 1_000,
    onReport: ({ written, left, failures }: Report) => {
      if (written.length > 0 || left > 0) watching.logger.info('archived', { files: written.length, left });
      for (const { tenant, code } of failures) watching.logger.warn('a tenant was not archived', { tenant, code });
    },
    onError: (error) => {
      watching.logger.warn('could not look at the log', {}, error);
    },
  });
  const sounds = soundHost(keeping, {
    onReport: ({ kept, removed, failures }) => {
      if (kept > 0 || removed > 0) watching.logger.info('kept sound of calls', { kept, removed });
      for (const code of failures) watching.logger.warn('the sound of a call was not kept', { code });
    },
    onError: (error) => {
      watching.logger.warn('could not keep the sound of calls', {}, error);
    },
  });
  return {
    async stop() {
      await Promise.all([sounds.stop(), archiving.stop()]);
    },
  };
});
