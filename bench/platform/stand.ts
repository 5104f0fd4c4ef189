import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { processes } from '../../functions/deployments.ts';
import { groupsOf, type Hosting } from '../../functions/index.ts';
import { groupRole, relayRole, timerRole } from '../../shared/access/roles.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { canonicalBot } from '../../shared/bot/canonical.ts';
import { loadBots } from '../../shared/bot/load.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { publishModel } from '../../shared/models/publish.ts';
import { CONVERSATIONS } from '../../shared/log/streams.ts';
import type { Group } from '../../shared/runtime/chain.ts';
import { durableOf } from '../../shared/runtime/pull.ts';
import { testBot } from '../../shared/testing/bot.ts';
import type { BenchContext, Figure } from '../lib/bench.ts';
import { startStore, type Store } from '../lib/broker.ts';
import { COMPILE_CACHE, type EntryOf } from '../lib/build.ts';
import { startChild, type Child } from '../lib/children.ts';
import { fates, NO_FAULTS, type Faults } from './chance.ts';
import { knativeDefaults, type KpaSpec } from './kpa.ts';
import { startRevision, type Revision } from './revision.ts';

/** As many pods as the two cores of this machine can make use of. */
const MAX_SCALE = 2;
/** A second of the platform passes in a tenth of one. */
export const UNIT_MS = 100;
const SEED = 1_729;

/** The store, with the bot that is talked to. */
export interface Ground {
  readonly store: Store;
  readonly bot: Bot;
  readonly entryOf: EntryOf;
}

/** What a part of the bench is given. */
export interface Surroundings {
  readonly context: BenchContext;
  readonly entryOf: EntryOf;
  readonly atEnd: (end: () => unknown) => void;
}

/** One part of the bench, with a store of its own. */
export type Part = (around: Surroundings) => Promise<readonly Figure[]>;

/** The bots that can be talked to: the one that is shipped, and one of four intents that is learnt at once. */
export const BOTS = ['shop-helpdesk', 'small'] as const;

/** Starts a store for a hosting, and the clock, without which nothing that is waited for ever runs out. */
export async function ground(hosting: Hosting, { context, entryOf, atEnd }: Surroundings): Promise<Ground> {
  const store = await startStore(1, 'default', hosting);
  atEnd(() => store.stop());
  const name = context.option('bot');
  const bot = name === 'small' ? canonicalBot(testBot) : (await loadBots('bots')).get(name);
  if (!bot) throw new Error('there is no bot to talk to');
  await publishBot(store.nc, bot);
  // As `turnstream provision` leaves it: no process trains anything.
  await publishModel(store.nc, bot);
  const env = { ...store.env(timerRole), ...common };
  const clock = await startChild({ name: 'timers', args: [entryOf('timers')], env, isReady });
  atEnd(() => clock.stop());
  return { store, bot, entryOf };
}

/** Deliveries that a process is given at a time, as its manifest says. */
function concurrencyOf(name: string): number {
  const shipped = processes.find((process) => process.name === name);
  if (!shipped) throw new Error(`there is no process ${name}`);
  return shipped.deployment.concurrency;
}

/** Everything that a group's process is told. */
export function startGroup({ store, entryOf }: Ground, group: Group, mode: 'http' | 'pull'): Promise<Child> {
  return startChild({
    name: group.name,
    args: group.name === 'turn' ? [entryOf('turn'), '--group', 'turn'] : [entryOf(group.name)],
    env: {
      ...store.env(groupRole(group)),
      ...common,
      TURNSTREAM_CONCURRENCY: String(concurrencyOf(group.name)),
      TURNSTREAM_HOST_MODE: mode,
      TURNSTREAM_HOST: '127.0.0.1',
      TURNSTREAM_PORT: '0',
    },
    isReady,
  });
}

const common = {
  NODE_COMPILE_CACHE: COMPILE_CACHE,
  TURNSTREAM_OPS_HOST: '127.0.0.1',
  TURNSTREAM_OPS_PORT: '0',
};
const isReady = (line: string) => line.startsWith('{') && line.includes('"msg":"ready"');

/** Resolves when the functions have done everything that there was to do, such as getting ready for new sessions. */
export async function settled({ store }: Ground, hosting: Hosting): Promise<void> {
  const jsm = await jetstreamManager(store.nc);
  const isDone = async (group: Group) => {
    const { num_pending, num_ack_pending } = await jsm.consumers.info(CONVERSATIONS, durableOf(group));
    return num_pending + num_ack_pending === 0;
  };
  while (!(await Promise.all(groupsOf(hosting).map(isDone))).every(Boolean)) await delay(50);
}

/** Functions behind activators, and relays that post to them. */
export interface Stand {
  readonly revisions: ReadonlyMap<string, Revision>;
  readonly relays: readonly Child[];
  stop(): Promise<void>;
}

export interface StandOptions {
  readonly hosting: Hosting;
  readonly relays: number;
  readonly spec?: Partial<KpaSpec>;
  readonly faults?: Partial<Faults>;
}

/** A platform that behaves as Knative does, ten times as fast, with no pod at first. */
export async function stand(on: Ground, { hosting, relays, spec, faults }: StandOptions): Promise<Stand> {
  const groups = groupsOf(hosting);
  const revisions = new Map<string, Revision>();
  for (const [i, group] of groups.entries()) {
    const revision = await startRevision({
      spec: { ...knativeDefaults(concurrencyOf(group.name)), unitMs: UNIT_MS, maxScale: MAX_SCALE, ...spec },
      start: () => startGroup(on, group, 'http'),
      fate: fates({ ...NO_FAULTS, ...faults }, SEED + i),
    });
    revisions.set(group.name, revision);
  }
  const targets = Object.fromEntries([...revisions].map(([name, { url }]) => [name, url]));
  const started: Child[] = [];
  for (let i = 0; i < relays; i++) started.push(await startRelay(on, groups, targets));
  return {
    revisions,
    relays: started,
    async stop() {
      for (const relay of started) await relay.stop();
      for (const revision of revisions.values()) await revision.stop();
    },
  };
}

/** A relay that posts to these addresses. */
export function startRelay(
  { store, entryOf }: Ground,
  groups: readonly Group[],
  targets: Readonly<Record<string, string>>,
): Promise<Child> {
  return startChild({
    name: 'relay',
    args: [entryOf('relay')],
    env: {
      ...store.env(relayRole(groups)),
      ...common,
      TURNSTREAM_CONCURRENCY: String(concurrencyOf('relay')),
      TURNSTREAM_RELAY_TARGETS: JSON.stringify(targets),
    },
    isReady,
  });
}
