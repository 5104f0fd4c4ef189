import { setTimeout as delay } from 'node:timers/promises';
import { atLeast, atMost } from '../lib/bench.ts';
import { cpuMeter } from '../lib/cpu.ts';
import { customers } from './customers.ts';
import { talkFigures } from './figures.ts';
import { ground, settled, stand, type Part } from './stand.ts';

const PER_SECOND = 500;
const SECONDS = 20;
const SESSIONS = 2_000;
/** The stable window and the grace period, ten times as fast, and some more. */
const TO_ZERO_MS = 20_000;

/** From nothing to 500 turns a second at once, and back to nothing. */
export const step: Part = async (around) => {
  const { context, atEnd } = around;
  const on = await ground('chained', around);
  const platform = await stand(on, { hosting: 'chained', relays: 1 });
  atEnd(() => platform.stop());
  const people = customers(on);
  atEnd(() => {
    people.stop();
  });
  const sessions = await people.open(SESSIONS);
  const [revision] = platform.revisions.values();
  if (!revision) throw new Error('there is no function');
  // Opening them has warmed it up; the step begins from nothing.
  await settled(on, 'chained');
  await revision.toZero();
  const meter = cpuMeter({
    functions: revision.pods.pids,
    relay: () => platform.relays.map(({ pid }) => pid),
    'nats-server': on.store.pids,
    'customers and activator': () => [process.pid],
  });
  const talked = await people.talk(sessions, PER_SECOND, context.quick ? 4 : SECONDS);
  const cpu = Object.entries(meter.read());
  const most = Math.max(...revision.samples().map(({ ready }) => ready));
  const began = performance.now();
  while (revision.pods.count() > 0 && performance.now() - began < TO_ZERO_MS) await delay(20);
  const backMs = performance.now() - began;
  const name = `0 to ${PER_SECOND} turns/s`;
  return [
    ...(await talkFigures(name, talked, people, sessions)),
    ...cpu.map(([part, micros]) => ({
      name: `${name}: processor, ${part}`,
      value: micros / talked.sent,
      unit: 'µs/turn',
    })),
    { name: `${name}: most processes`, value: most, unit: 'processes', goal: atLeast(2) },
    { name: `${name}: left after the load`, value: revision.pods.count(), unit: 'processes', goal: atMost(0) },
    { name: `${name}: time back to zero`, value: backMs / 1_000, unit: 's' },
    {
      name: `${name}: processes that failed`,
      value: revision.pods.failures().length,
      unit: 'processes',
      goal: atMost(0),
    },
  ];
};
