import type { NatsConnection } from '@nats-io/nats-core';
import type { Bot } from '../shared/bot/bot.ts';
import { botStore } from '../shared/bot/store.ts';
import type { WatchBreakers } from '../shared/egress/breaker.ts';
import { tailOf } from '../shared/log/append.ts';
import { deadLetters } from '../shared/log/dead-letters.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import type { Cipher } from '../shared/log/wire.ts';
import type { ModelWatch } from '../shared/models/watch.ts';
import { entrances, type Group } from '../shared/runtime/chain.ts';
import type { Host } from '../shared/runtime/host.ts';
import { pullHost, type Running } from '../shared/runtime/pull.ts';
import { sessionCache } from '../shared/runtime/recall.ts';
import type { Watching } from '../shared/telemetry/start.ts';
import type { Tenants } from '../shared/tenancy/tenants.ts';

/** Makes the ports that functions ask for. */
export type PortsOf = (
  nc: NatsConnection,
  botOf: (hash: string) => Promise<Bot>,
  models?: ModelWatch,
  tenants?: Tenants,
  watchBreakers?: WatchBreakers,
) => object;

export interface Hosted {
  readonly nc: NatsConnection;
  readonly groups: readonly Group[];
  readonly portsOf: PortsOf;
  /** What is known of the tenants, for functions that reach their systems. */
  readonly tenants?: Tenants;
  readonly watching: Pick<Watching, 'telemetry' | 'deadLetters'> & Partial<Pick<Watching, 'models' | 'watchBreakers'>>;
  readonly cipher?: Cipher;
  /** Deliveries worked on at a time, for each group. */
  readonly concurrency: number;
  /** Sessions whose state is remembered between turns. */
  readonly sessionCache: number;
}

/** What functions need of their surroundings, on the log that a connection leads to. */
export function hostOn(options: Omit<Hosted, 'groups' | 'concurrency'>): Host {
  const { nc, cipher, watching } = options;
  const log = jetstreamLog(nc, cipher ? { cipher } : {});
  const bots = botStore(nc);
  return {
    log,
    tail: tailOf(log),
    sessions: sessionCache(options.sessionCache),
    bots,
    now: () => new Date(),
    ports: options.portsOf(nc, bots, watching.models, options.tenants, watching.watchBreakers),
    telemetry: watching.telemetry,
  };
}

/** Runs groups of functions on their durable consumers, with everything they need around them. */
export async function hostGroups(options: Hosted): Promise<Running> {
  const { nc, groups, watching, concurrency } = options;
  const cipher = options.cipher && { cipher: options.cipher };
  const host = hostOn(options);
  const letters = watching.deadLetters(deadLetters(nc));
  const running = await Promise.all(
    groups.map((group) =>
      pullHost({ nc, group, types: entrances(group), host, deadLetters: letters, concurrency, ...cipher }),
    ),
  );
  return {
    async stop() {
      await Promise.all(running.map((r) => r.stop()));
    },
  };
}
