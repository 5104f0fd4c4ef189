import { atLeast } from '../lib/bench.ts';
import { customers } from './customers.ts';
import { talkFigures } from './figures.ts';
import { ground, settled, stand, type Part } from './stand.ts';

const PER_SECOND = 50;
const SECONDS = 20;
const SESSIONS = 400;
const FAULTS = { refused: 0.02, droppedBefore: 0.02, droppedAfter: 0.02, doubled: 0.02 };
/** What is dropped comes again with a pause, several times in a row where luck is bad. */
const OLDEST_MS = 5_000;

/** Requests that are refused, dropped and doubled, with two relays, of which one is killed. */
export const faulty: Part = async (around) => {
  const { context, atEnd } = around;
  const on = await ground('hop-by-hop', around);
  const platform = await stand(on, { hosting: 'hop-by-hop', relays: 2, faults: FAULTS });
  const [victim, other] = platform.relays;
  atEnd(async () => {
    for (const revision of platform.revisions.values()) await revision.stop();
  });
  atEnd(() => other?.stop());
  const people = customers(on);
  atEnd(() => {
    people.stop();
  });
  const sessions = await people.open(SESSIONS);
  await settled(on, 'hop-by-hop');
  const seconds = context.quick ? 4 : SECONDS;
  const killing = setTimeout(() => void victim?.kill(), (seconds * 1_000) / 2);
  const talked = await people.talk(sessions, PER_SECOND, seconds);
  clearTimeout(killing);
  const suffered = [...platform.revisions.values()].reduce(
    (sum, { counts }) => sum + Object.keys(FAULTS).reduce((all, kind) => all + (counts()[kind] ?? 0), 0),
    0,
  );
  const name = 'requests refused, dropped, doubled; a relay killed';
  return [
    // What a killed relay held comes again after the acknowledgement wait of five seconds.
    ...(await talkFigures(name, talked, people, sessions, OLDEST_MS + 5_000)),
    { name: `${name}: such requests`, value: suffered, unit: 'requests', goal: atLeast(1) },
  ];
};
