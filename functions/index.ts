import type { Durable } from '../shared/log/provision.ts';
import { entrances, type Group } from '../shared/runtime/chain.ts';
import { ACK_WAIT_MS, durableOf } from '../shared/runtime/pull.ts';
import { action } from './action/handler.ts';
import { entity } from './entity/handler.ts';
import { generate } from './generate/handler.ts';
import { intent } from './intent/handler.ts';
import { knowledge } from './knowledge/handler.ts';
import { policy } from './policy/handler.ts';
import { reply } from './reply/handler.ts';

/** The functions that every turn passes, or that answer at once, in the order in which an event passes them. */
const AT_ONCE = [intent, entity, policy, reply, knowledge] as const;
/** Those that wait for servers of others, seconds if need be. */
const WAITING = [action, generate] as const;

/** The functions that answer a turn. */
export const registry = [...AT_ONCE, ...WAITING] as const;

/** How functions share processes. One setting for a whole deployment: the durable consumers follow from it. */
export type Hosting = 'chained' | 'hop-by-hop';

/**
 * The groups of a deployment. Chained, what waits for others has a durable consumer of its own, so that it takes no
 * place of a turn that needs none of it; it is woken by nothing but the decisions that ask for it.
 */
export function groupsOf(hosting: Hosting): readonly Group[] {
  if (hosting === 'chained') {
    return [
      { name: 'turn', functions: AT_ONCE },
      { name: 'outside', functions: WAITING },
    ];
  }
  return registry.map((fn) => ({ name: fn.name, functions: [fn] }));
}

/** The durable consumers that the groups of a deployment pull from. */
export const durablesOf = (groups: readonly Group[]): readonly Durable[] =>
  groups.map((group) => ({ name: durableOf(group), types: entrances(group), ackWaitMs: ACK_WAIT_MS }));
