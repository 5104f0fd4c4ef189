import { archiveOf, type Report } from '../functions/archive/archive.ts';
import { archiveOnce } from '../functions/archive/archive-once.ts';
import { keepSoundOnce } from '../functions/archive/keep-sound.ts';
import { retentionOf } from '../functions/archive/retention.ts';
import { tenantsIn } from '../functions/tenants-file.ts';
import { objectsOf } from '../shared/archive/config.ts';
import { withLog } from './connection.ts';
import type { GivenPlaces } from './config.ts';
import { number, paint, print, printJson } from './terminal.ts';

const HOUR_MS = 3_600_000;

export interface ArchiveCommandOptions extends GivenPlaces {
  /** The tenants' file: says after how many idle days sessions leave. Without it, seven. */
  readonly tenants?: string;
  /** Archive what has been quiet for so many hours, long before it leaves the log. */
  readonly quietHours?: number;
  readonly json?: boolean;
}

/** Looks at the log once, as the archive's process does again and again; returns the exit code: 1 where a tenant failed. */
export async function archiveNow(options: ArchiveCommandOptions): Promise<number> {
  const tenants = options.tenants === undefined ? new Map<never, never>() : await tenantsIn(options.tenants);
  const quietMs = options.quietHours === undefined ? undefined : options.quietHours * HOUR_MS;
  const report = await withLog(options, async ({ nc, log, cipher, objects }) => {
    const retention = retentionOf(tenants, { quietMs, plain: [] });
    const around = { nc, log, objects: objectsOf(objects), retention, now: () => new Date() };
    const keyring = cipher && { keyring: cipher };
    const sound = await keepSoundOnce({ ...around, tenants, ...keyring });
    return { ...(await archiveOnce(archiveOf({ ...around, ...keyring }))), sound };
  });
  if (options.json) printJson(report);
  else tell(report);
  return report.failures.length > 0 ? 1 : 0;
}

function tell({ written, left, failures }: Report): void {
  for (const { object, sessions, events } of written)
    print(`${paint('green', '✓')} ${object} ${paint('dim', `${number(sessions)} sessions, ${number(events)} events`)}`);
  for (const { tenant, code } of failures) print(`${paint('red', '✗')} tenant ${tenant}: ${code}`);
  print(`Written: ${number(written.length)}; sessions that left the log: ${number(left)}.`);
}
