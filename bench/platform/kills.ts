import { atMost } from '../lib/bench.ts';
import { customers } from './customers.ts';
import { talkFigures } from './figures.ts';
import { ground, settled, stand, type Part } from './stand.ts';

const PER_SECOND = 200;
const EVERY_MS = 2_000;
const SESSIONS = 1_000;

/** Half of all function processes are asked to stop every two seconds, under load. */
export const kills: Part = async (around) => {
  const { context, atEnd } = around;
  const on = await ground('chained', around);
  // Several processes at all times, so that half of them is some.
  const platform = await stand(on, { hosting: 'chained', relays: 1, spec: { minScale: 4, maxScale: 4 } });
  atEnd(() => platform.stop());
  const people = customers(on);
  atEnd(() => {
    people.stop();
  });
  const sessions = await people.open(SESSIONS);
  await settled(on, 'chained');
  let stopped = 0;
  const killing = setInterval(() => {
    for (const { pods } of platform.revisions.values()) stopped += pods.evict(0.5);
  }, EVERY_MS);
  const talked = await people.talk(sessions, PER_SECOND, context.quick ? 6 : Number(context.option('seconds')));
  clearInterval(killing);
  const failures = [...platform.revisions.values()].flatMap(({ pods }) => pods.failures());
  const again = [...platform.revisions.values()]
    .flatMap(({ counts }) => Object.entries(counts()))
    .filter(([answer]) => !answer.startsWith('2'));
  const which = again.map(([answer, n]) => `${answer}: ${n}`).join(', ') || 'none';
  const name = 'half of all processes stopped every 2 s';
  return [
    ...(await talkFigures(name, talked, people, sessions)),
    {
      name: `${name}: requests that had to come again (${which})`,
      value: again.reduce((sum, [, n]) => sum + n, 0),
      unit: 'requests',
    },
    { name: `${name}: processes stopped`, value: stopped, unit: 'processes' },
    {
      name: `${name}: processes that failed (${failures[0] ?? 'none'})`,
      value: failures.length,
      unit: 'processes',
      goal: atMost(0),
    },
  ];
};
