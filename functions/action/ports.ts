import type { Bot } from '../../shared/bot/bot.ts';
import { breakers, type WatchBreakers } from '../../shared/egress/breaker.ts';
import { egress } from '../../shared/egress/post.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import { calls } from './call.ts';
import { connectionsOf } from './connections.ts';
import type { Acting } from './handler.ts';

/** Calls on the internet, as the tenants' configuration allows; their secrets are read from the environment, at once. */
export function actionPorts(
  botOf: (hash: string) => Promise<Bot>,
  tenants: Tenants = new Map(),
  watchBreakers?: WatchBreakers,
): Acting {
  const guard = breakers();
  watchBreakers?.('action', guard.open);
  return {
    callAction: calls({
      botOf,
      connections: connectionsOf(tenants, (variable) => process.env[variable]),
      open: egress().open,
      guard,
      now: () => new Date(),
    }),
  };
}
