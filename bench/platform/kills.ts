import { groupsOf } from '../../functions/index.ts';
import { atMost, type Figure } from '../lib/bench.ts';
import { customers } from './customers.ts';
import { talkFigures } from './figures.ts';
import { podsOf, type Pods } from './pods.ts';
import { ground, settled, stand, startGroup, type Ground, type Part, type Surroundings } from './stand.ts';

const PER_SECOND = 200;
const EVERY_MS = 2_000;
const SESSIONS = 1_000;
/** Of each function at all times, so that half of them is some. */
const PROCESSES = 4;

/** Half of all function processes are asked to stop every two seconds, under load, behind a relay that stays. */
export const kills: Part = async (around) => {
  const on = await ground('chained', around);
  const platform = await stand(on, {
    hosting: 'chained',
    relays: 1,
    spec: { minScale: PROCESSES, maxScale: PROCESSES },
  });
  around.atEnd(() => platform.stop());
  const name = 'half of all processes stopped every 2 s';
  const figures = await underKills(
    name,
    on,
    [...platform.revisions.values()].map(({ pods }) => pods),
    around,
  );
  const again = [...platform.revisions.values()]
    .flatMap(({ counts }) => Object.entries(counts()))
    .filter(([answer]) => !answer.startsWith('2'));
  const which = again.map(([answer, n]) => `${answer}: ${n}`).join(', ') || 'none';
  return [
    ...figures,
    {
      name: `${name}: requests that had to come again (${which})`,
      value: again.reduce((sum, [, n]) => sum + n, 0),
      unit: 'requests',
    },
  ];
};

/** The same where functions take their deliveries themselves: what one had not begun, or not even got, goes to another. */
export const pullingKills: Part = async (around) => {
  const on = await ground('chained', around);
  const all = groupsOf('chained').map((group) => {
    const pods = podsOf({ start: () => startGroup(on, group, 'pull'), onRoom: () => undefined });
    around.atEnd(() => pods.stop());
    pods.scale(PROCESSES);
    return pods;
  });
  return underKills('half of all processes that pull stopped every 2 s', on, all, around);
};

async function underKills(
  name: string,
  on: Ground,
  all: readonly Pods[],
  { context, atEnd }: Surroundings,
): Promise<readonly Figure[]> {
  const people = customers(on);
  atEnd(() => {
    people.stop();
  });
  const sessions = await people.open(SESSIONS);
  await settled(on, 'chained');
  let stopped = 0;
  const killing = setInterval(() => {
    for (const pods of all) stopped += pods.evict(0.5);
  }, EVERY_MS);
  const talked = await people.talk(sessions, PER_SECOND, context.quick ? 6 : Number(context.option('seconds')));
  clearInterval(killing);
  const failures = all.flatMap((pods) => pods.failures());
  return [
    ...(await talkFigures(name, talked, people, sessions)),
    { name: `${name}: processes stopped`, value: stopped, unit: 'processes' },
    {
      name: `${name}: processes that failed (${failures[0] ?? 'none'})`,
      value: failures.length,
      unit: 'processes',
      goal: atMost(0),
    },
  ];
}
