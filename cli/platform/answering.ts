import type { EventId } from '../../events/envelope.ts';
import { hostGroups } from '../../functions/host.ts';
import { allPorts } from '../../functions/ports.ts';
import { groupRole, timerRole } from '../../shared/access/roles.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { tickHost } from '../../shared/log/timers.ts';
import type { Group } from '../../shared/runtime/chain.ts';
import { derivedId } from '../../shared/runtime/ids.ts';
import type { Watching } from '../../shared/telemetry/start.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import type { Cell, Later } from './cell.ts';

const CONCURRENCY = 64;
const REMEMBERED_SESSIONS = 10_000;

/** What is hosted, and for whom. */
export interface Answering {
  readonly groups: readonly Group[];
  readonly tenants: Tenants;
  readonly watching: Watching;
}

/** Hosts the functions that answer turns, and the clock that wakes them. */
export async function startAnswering(
  cell: Cell,
  { groups, tenants, watching }: Answering,
  later: Later,
): Promise<void> {
  for (const group of groups) {
    const { nc, keys: cipher } = await cell.connectAs(groupRole(group));
    const hosted = { nc, groups: [group], portsOf: allPorts, tenants, watching, cipher };
    const running = await hostGroups({ ...hosted, concurrency: CONCURRENCY, sessionCache: REMEMBERED_SESSIONS });
    later(() => running.stop());
  }
  const { nc, keys: cipher } = await cell.connectAs(timerRole);
  const idOf = (decision: EventId) => derivedId(decision, 'timer', 0);
  const ticks = await tickHost(nc, tailOf(jetstreamLog(nc, { cipher })), idOf, () => new Date());
  later(() => ticks.stop());
}
