import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Behaviour } from '../../shared/egress/receiver.fixture.ts';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { CONVERSATIONS, DEAD_LETTERS } from '../../shared/log/streams.ts';
import type { Running } from '../../shared/runtime/deliveries.ts';
import { durableFrom } from '../../shared/runtime/durable.fixture.ts';
import { DONE } from '../../shared/runtime/http.ts';
import { durableOf } from '../../shared/runtime/pull.ts';
import type { Metrics } from '../../shared/telemetry/metrics.ts';
import { startBroker } from '../../shared/testing/broker.ts';
import { incoming, newSession, saying } from '../../shared/testing/rig.ts';
import { relayHost, type RelayOptions } from './host.ts';

/** A server with the streams, for tests of relays. */
export interface Rig {
  readonly nc: NatsConnection;
  readonly log: Log;
  /** A durable consumer of a subject from a position on, under the name of a group that nobody else has. */
  readonly durable: (subject: string, from: number) => Promise<string>;
  /** What is neither acknowledged nor delivered yet. */
  readonly open: (group: string) => Promise<number>;
  readonly letters: (group: string) => Promise<number>;
  /** Utterances, one after the other in a session. */
  readonly say: (ref: SessionRef, count: number) => Promise<readonly Stored[]>;
  /** A relay over a connection of its own. */
  readonly relay: (targets: Readonly<Record<string, string>>, over?: Partial<RelayOptions>) => Promise<Running>;
  readonly stop: () => Promise<void>;
}

export async function startRig(): Promise<Rig> {
  const broker = await startBroker();
  const nc = await broker.nc();
  await provision(nc, { replicas: 1, durables: [] });
  const jsm = await jetstreamManager(nc);
  const log = jetstreamLog(nc);
  let serial = 0;
  return {
    nc,
    log,
    async durable(subject, from) {
      const name = `relayed-${serial++}`;
      await durableFrom(nc, { name }, subject, from);
      return name;
    },
    async open(group) {
      const { num_pending, num_ack_pending } = await jsm.consumers.info(CONVERSATIONS, durableOf({ name: group }));
      return num_pending + num_ack_pending;
    },
    async letters(group) {
      const { state } = await jsm.streams.info(DEAD_LETTERS, {
        subjects_filter: `dead.*.${durableOf({ name: group })}`,
      });
      return Object.values(state.subjects ?? {}).reduce((sum, n) => sum + n, 0);
    },
    async say(ref, count) {
      const said: Stored[] = [];
      for (let n = 0; n < count; n++) {
        const placed = await log.append(incoming(ref, saying(`utterance ${n}`)), said.at(-1)?.position ?? 0);
        if (placed.kind !== 'appended') throw new Error(`not appended but ${placed.kind}`);
        said.push(placed.stored);
      }
      return said;
    },
    async relay(targets, over = {}) {
      const own = await broker.nc();
      return relayHost({
        nc: own,
        targets: new Map(Object.entries(targets).map(([group, url]) => [group, new URL(url)])),
        deadLetters: deadLetters(own),
        concurrency: 8,
        deadlineMs: 5_000,
        watch: unobserved,
        now: () => new Date(),
        ...over,
      });
    },
    stop: () => broker.stop(),
  };
}

const unobserved: Pick<Metrics, 'relayed' | 'watchRelay'> = { relayed: () => undefined, watchRelay: () => undefined };

/** Sessions that nobody has used yet. */
export const sessions = (count: number): readonly SessionRef[] => Array.from({ length: count }, () => newSession());

/** A function that has done what it was asked. */
export const done: Behaviour = (response, _nth, { headers }) => {
  response.writeHead(204, { [DONE]: headers['ce-position'] }).end();
};
