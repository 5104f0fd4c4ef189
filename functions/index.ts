import type { Durable } from '../shared/log/provision.ts';
import { entrances, type Group } from '../shared/runtime/chain.ts';
import { ACK_WAIT_MS, durableOf } from '../shared/runtime/pull.ts';
import { entity } from './entity/handler.ts';
import { intent } from './intent/handler.ts';
import { policy } from './policy/handler.ts';
import { reply } from './reply/handler.ts';

/** The functions that answer a turn, in the order in which an event passes them. */
export const registry = [intent, entity, policy, reply] as const;

/** How functions share processes. One setting for a whole deployment: the durable consumers follow from it. */
export type Hosting = 'chained' | 'hop-by-hop';

/** The groups of a deployment. */
export function groupsOf(hosting: Hosting): readonly Group[] {
  if (hosting === 'chained') return [{ name: 'turn', functions: registry }];
  return registry.map((fn) => ({ name: fn.name, functions: [fn] }));
}

/** The durable consumers that the groups of a deployment pull from. */
export const durablesOf = (groups: readonly Group[]): readonly Durable[] =>
  groups.map((group) => ({ name: durableOf(group), types: entrances(group), ackWaitMs: ACK_WAIT_MS }));
