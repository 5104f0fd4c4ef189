import type { SessionId, TenantId } from '../../events/envelope.ts';
import type { SessionRef } from '../log/log.ts';
import { rowsIn } from './history.ts';
import type { ObjectStore } from './objects.ts';
import { toParquet } from './parquet.ts';
import type { ArchiveRow } from './row.ts';

/** Whether a session was erased, as the leader knows it. */
export type IsErased = (ref: SessionRef) => Promise<boolean>;

/**
 * Writes an object again without the rows of erased sessions, and looks again until it holds none. Whoever writes an
 * object does this afterwards, and whoever erases a session does it after the sign of that stands: so whichever of
 * them writes last takes the rows out, without a lock that a store of objects could not give. Returns the rows as they
 * stand in the store.
 */
export async function scrub(objects: ObjectStore, object: string, isErased: IsErased): Promise<readonly ArchiveRow[]> {
  const read = rowsIn(objects);
  for (;;) {
    const rows = await read(object);
    const sessions = [...new Set(rows.map(({ tenant, session }) => `${tenant}/${session}`))];
    const marks = await Promise.all(sessions.map((key) => isErased(refOf(key))));
    const erased = new Set(sessions.filter((_, i) => marks[i]));
    if (erased.size === 0) return rows;
    const left = rows.filter(({ tenant, session }) => !erased.has(`${tenant}/${session}`));
    if (left.length > 0) await objects.put(object, await toParquet(left));
    else await objects.remove(object);
  }
}

function refOf(key: string): SessionRef {
  const [tenant, session] = key.split('/') as [TenantId, SessionId];
  return { tenant, session };
}
