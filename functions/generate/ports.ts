import type { NatsConnection } from '@nats-io/nats-core';
import type { Bot } from '../../shared/bot/bot.ts';
import { breakers, type WatchBreakers } from '../../shared/egress/breaker.ts';
import { egress } from '../../shared/egress/post.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import { serverCounters } from '../../shared/log/counters.ts';
import { completing } from './complete.ts';
import { endpointsOf } from './endpoints.ts';
import type { Generating } from './handler.ts';
import { personalFinder } from './personal.ts';

/** Language models as the tenants' configuration names them; their keys are read from the environment, at once. */
export function generatePorts(
  nc: NatsConnection,
  botOf: (hash: string) => Promise<Bot>,
  tenants: Tenants = new Map(),
  watchBreakers?: WatchBreakers,
): Generating {
  const guard = breakers();
  watchBreakers?.('language-model', guard.open);
  const endpoints = endpointsOf(tenants, (variable) => process.env[variable]);
  return {
    botOf,
    personalIn: personalFinder(),
    complete: completing({
      endpointOf: (tenant) => endpoints.get(tenant),
      open: egress().open,
      guard,
      budget: serverCounters(nc),
      now: () => new Date(),
    }),
  };
}
