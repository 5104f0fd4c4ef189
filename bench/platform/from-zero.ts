import { setTimeout as delay } from 'node:timers/promises';
import { below, type Figure, type Goal } from '../lib/bench.ts';
import { latencies, type Latencies } from '../lib/latencies.ts';
import { customers } from './customers.ts';
import { ground, settled, stand, type Part } from './stand.ts';

/** How long a customer types who has opened the page. */
const TYPING_MS = 1_500;
/** After which nobody believes any more that functions still run. */
const FORGOTTEN_MS = 5_200;
/** The first rounds fill the compile cache. */
const WARM_UP = 2;

/** The first reply when no function runs: to a customer who comes back, and to one who has just opened the page. */
export const fromZero: Part = async (around) => {
  const { context, atEnd } = around;
  const rounds = context.quick ? 2 : Number(context.option('rounds'));
  const figures: Figure[] = [];
  for (const hosting of ['hop-by-hop', 'chained'] as const) {
    const on = await ground(hosting, around);
    const platform = await stand(on, { hosting, relays: 1 });
    atEnd(() => platform.stop());
    const people = customers(on);
    atEnd(() => {
      people.stop();
    });
    const toZero = async () => {
      await settled(on, hosting);
      for (const revision of platform.revisions.values()) await revision.toZero();
      await delay(FORGOTTEN_MS);
      const left = [...platform.revisions.values()].reduce((sum, { pods }) => sum + pods.count(), 0);
      if (left > 0) throw new Error(`${left} processes are not gone`);
    };
    const [cold, warmed] = [latencies(), latencies()];
    for (let round = -WARM_UP; round < rounds; round++) {
      const [session] = await people.open(1);
      if (!session) throw new Error('no session was opened');
      await delay(TYPING_MS);
      const warmMs = await people.say(session);
      await toZero();
      const coldMs = await people.say(session);
      await toZero();
      if (round < 0) continue;
      warmed.add(warmMs);
      cold.add(coldMs);
    }
    figures.push(
      ...percentiles(`first reply from zero, ${hosting}`, cold, below(500)),
      ...percentiles(`the same, session opened ${TYPING_MS / 1_000} s before, ${hosting}`, warmed, below(50)),
    );
  }
  return figures;
};

const percentiles = (name: string, times: Latencies, goal: Goal): readonly Figure[] => [
  { name: `${name}, p50`, value: times.percentile(50), unit: 'ms' },
  { name: `${name}, p95`, value: times.percentile(95), unit: 'ms', goal },
];
