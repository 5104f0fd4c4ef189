import { archiveOf } from '../../functions/archive/archive.ts';
import { archiveHost } from '../../functions/archive/host.ts';
import { retentionOf } from '../../functions/archive/retention.ts';
import { archiveRole } from '../../shared/access/roles.ts';
import type { ObjectStore } from '../../shared/archive/objects.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Watching } from '../../shared/telemetry/start.ts';
import type { Cell, Later } from './cell.ts';
import { tenantsWith } from './tenants.ts';

const EVERY_MS = 60_000;

/** Writes idle sessions to the archive and lets them leave the log. */
export async function startArchiving(
  cell: Cell,
  objects: ObjectStore,
  { logger }: Watching,
  later: Later,
): Promise<void> {
  const { nc, keys } = await cell.connectAs(archiveRole);
  const archive = archiveOf({
    nc,
    log: jetstreamLog(nc, { cipher: keys }),
    objects,
    retention: retentionOf(tenantsWith(cell.secrets.apiKeys), { plain: [] }),
    now: () => new Date(),
    keyring: keys,
  });
  const archiving = archiveHost(archive, {
    everyMs: EVERY_MS,
    onReport: ({ failures }) => {
      for (const { tenant, code } of failures) logger.warn('a tenant was not archived', { tenant, code });
    },
    onError: (error) => {
      logger.warn('could not look at the log', {}, error);
    },
  });
  later(() => archiving.stop());
}
