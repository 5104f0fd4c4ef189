import { archiveOf } from '../../functions/archive/archive.ts';
import { archiveHost } from '../../functions/archive/host.ts';
import { soundHost } from '../../functions/archive/sound-host.ts';
import { retentionOf } from '../../functions/archive/retention.ts';
import { archiveRole } from '../../shared/access/roles.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Cell, Later } from './cell.ts';
import type { Serving } from './serving.ts';

const EVERY_MS = 60_000;

/** Writes idle sessions to the archive and lets them leave the log; keeps the sound of calls where that is wanted. */
export async function startArchiving(
  cell: Cell,
  { objects, tenants, watching: { logger } }: Pick<Serving, 'objects' | 'tenants' | 'watching'>,
  later: Later,
): Promise<void> {
  const { nc, keys } = await cell.connectAs(archiveRole);
  const now = () => new Date();
  const archive = archiveOf({
    nc,
    log: jetstreamLog(nc, { cipher: keys }),
    objects,
    retention: retentionOf(tenants, { plain: [] }),
    now,
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
  const sounds = soundHost(
    { nc, objects, tenants, now, keyring: keys },
    {
      onReport: ({ failures }) => {
        for (const code of failures) logger.warn('the sound of a call was not kept', { code });
      },
      onError: (error) => {
        logger.warn('could not keep the sound of calls', {}, error);
      },
    },
  );
  later(() => sounds.stop());
}
