import type { NatsConnection } from '@nats-io/nats-core';
import { botStore } from '../shared/bot/store.ts';
import { tailOf } from '../shared/log/append.ts';
import { deadLetters } from '../shared/log/dead-letters.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import { setTimer } from '../shared/log/timers.ts';
import type { Cipher } from '../shared/log/wire.ts';
import type { Group } from '../shared/runtime/chain.ts';
import type { Host, Telemetry } from '../shared/runtime/host.ts';
import { pullHost, type Running } from '../shared/runtime/pull.ts';
import { sessionCache } from '../shared/runtime/recall.ts';
import { portsOf } from './ports.ts';

export interface Hosted {
  readonly nc: NatsConnection;
  readonly groups: readonly Group[];
  readonly telemetry: Telemetry;
  readonly cipher?: Cipher;
  readonly concurrency: number;
  readonly sessionCache: number;
}

/** Runs groups of functions on their durable consumers, with everything they need around them. */
export async function hostGroups(options: Hosted): Promise<Running> {
  const { nc, groups, telemetry, cipher, concurrency } = options;
  const log = jetstreamLog(nc, cipher ? { cipher } : {});
  const bots = botStore(nc);
  const now = () => new Date();
  const host: Host = {
    log,
    tail: tailOf(log),
    sessions: sessionCache(options.sessionCache),
    bots,
    now,
    ports: portsOf({ botOf: bots, setTimer: (decision, at) => setTimer(nc, decision, at), now }),
    telemetry,
  };
  const letters = deadLetters(nc);
  const running = await Promise.all(
    groups.map((group) =>
      pullHost({ nc, group, host, deadLetters: letters, concurrency, ...(cipher && { cipher }) }),
    ),
  );
  return {
    async stop() {
      await Promise.all(running.map((r) => r.stop()));
    },
  };
}
