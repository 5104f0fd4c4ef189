import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { groupsOf } from '../../functions/index.ts';
import { CONVERSATIONS } from '../../shared/log/streams.ts';
import type { Group } from '../../shared/runtime/chain.ts';
import { durableOf } from '../../shared/runtime/pull.ts';
import { atLeast, atMost } from '../lib/bench.ts';
import { customers } from './customers.ts';
import { talkFigures } from './figures.ts';
import { decideByLag, KEDA_DEFAULTS, kedaMemory, lagOf } from './keda.ts';
import { podsOf } from './pods.ts';
import { ground, startGroup, UNIT_MS, type Ground, type Part, type Surroundings } from './stand.ts';

const PER_SECOND = 300;
const SECONDS = 15;
const SESSIONS = 1_500;
/** What the manifests set: KEDA looks every second, and takes the last pod away after 60. */
const POLLING = 1;
const SPEC = { ...KEDA_DEFAULTS, unitMs: UNIT_MS, cooldown: 60, scaleDownStabilization: 60, maxReplicas: 2 };
const TO_ZERO_MS = 30_000;

/** Functions that pull, as many of each as KEDA and the pod autoscaler make of the lag of its durable consumer. */
export const lag: Part = async (around) => {
  const { context, atEnd } = around;
  const on = await ground('chained', around);
  const scaled = await Promise.all(groupsOf('chained').map((group) => scaledByLag(on, group, atEnd)));
  const count = () => scaled.reduce((sum, { pods }) => sum + pods.count(), 0);
  const people = customers(on);
  atEnd(() => {
    people.stop();
  });
  const sessions = await people.open(SESSIONS);
  const talked = await people.talk(sessions, PER_SECOND, context.quick ? 4 : SECONDS);
  const began = performance.now();
  while (count() > 0 && performance.now() - began < TO_ZERO_MS) await delay(20);
  const name = `KEDA, 0 to ${PER_SECOND} turns/s`;
  return [
    ...(await talkFigures(name, talked, people, sessions)),
    {
      name: `${name}: most processes`,
      value: Math.max(...scaled.map(({ most }) => most())),
      unit: 'processes',
      goal: atLeast(2),
    },
    { name: `${name}: left after the load`, value: count(), unit: 'processes', goal: atMost(0) },
    {
      name: `${name}: processes that failed`,
      value: scaled.flatMap(({ pods }) => pods.failures()).length,
      unit: 'processes',
      goal: atMost(0),
    },
  ];
};

/** One group, with a scaler of its own. */
async function scaledByLag(on: Ground, group: Group, atEnd: Surroundings['atEnd']) {
  const jsm = await jetstreamManager(on.store.nc);
  const pods = podsOf({ start: () => startGroup(on, group, 'pull'), onRoom: () => undefined });
  atEnd(() => pods.stop());
  let memory = kedaMemory(performance.now());
  let wanted = 0;
  let most = 0;
  let looking: Promise<void> | undefined;
  const look = async () => {
    const { num_pending, num_ack_pending } = await jsm.consumers.info(CONVERSATIONS, durableOf(group));
    const now = performance.now();
    const decision = decideByLag(SPEC, memory, { now, lag: lagOf(num_pending, num_ack_pending), pods: wanted });
    ({ memory } = decision);
    wanted = decision.pods;
    most = Math.max(most, wanted);
    pods.scale(wanted);
  };
  const clock = setInterval(() => {
    looking ??= look().finally(() => (looking = undefined));
  }, POLLING * UNIT_MS);
  atEnd(async () => {
    clearInterval(clock);
    await looking;
  });
  return { pods, most: () => most };
}
