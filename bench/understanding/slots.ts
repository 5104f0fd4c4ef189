import type { MarkedEntity, TaggedText } from '../../shared/nlu/tagger/examples.ts';
import { encodeTagger } from '../../shared/nlu/tagger/encode.ts';
import { trainTagger, type Tagger } from '../../shared/nlu/tagger/tagger.ts';
import { atLeast, reported, type Figure, type Goal } from '../lib/bench.ts';
import { peakMemoryOf } from '../lib/memory.ts';
import { asked } from './asked.ts';
import type { SlotSet } from './sets/slot-sets.ts';

/** What figures of a tagger are called, behind the name of its set. */
export const F1 = 'F1 of exact spans';
const SEED = 1;

/** Trains the tagger on a set's training part and says how it fares on the test part, and on what is only there. */
export async function judgeSlots(set: SlotSet): Promise<readonly Figure[]> {
  const { name, train, test, goal } = set;
  const figure = (what: string, value: number, unit: string, of?: Goal): Figure => ({
    name: `${name}, tagger: ${what}`,
    value,
    unit,
    ...(of && { goal: of }),
  });
  const before = process.cpuUsage();
  const { result: tagger, mib } = await peakMemoryOf(() => Promise.resolve(trainTagger(train, { seed: SEED })));
  const { user, system } = process.cpuUsage(before);
  const { f1, precision, recall } = score(tagger, test);
  const known = new Set(train.map(({ text }) => text.toLowerCase()));
  const unseen = test.filter(({ text }) => !known.has(text.toLowerCase()));
  const cost = await asked(
    tagger.tag,
    test.map(({ text }) => text),
  );
  return [
    figure(F1, f1, '%', goal === undefined ? reported : atLeast(goal)),
    ...(unseen.length < test.length
      ? [figure(`${F1}, ${unseen.length} unseen texts`, score(tagger, unseen).f1, '%', reported)]
      : []),
    figure('precision', precision, '%'),
    figure('recall', recall, '%'),
    figure('training, processor', (user + system) / 1e6, 's'),
    figure('training, most memory', mib, 'MB'),
    figure('size', encodeTagger(tagger.model).length / 1e6, 'MB'),
    figure('one text: mean', cost.mean, 'µs'),
    figure('one text: p99', cost.p99, 'µs'),
  ];
}

interface SlotScore {
  readonly f1: number;
  readonly precision: number;
  readonly recall: number;
}

/** In percent: a span counts only with its exact bounds, entity, role and group. */
function score(tagger: Tagger, test: readonly TaggedText[]): SlotScore {
  let right = 0;
  let found = 0;
  let marked = 0;
  for (const { text, entities } of test) {
    const wanted = new Set(entities.map(keyOf));
    const tagged = tagger.tag(text);
    right += tagged.filter((entity) => wanted.has(keyOf(entity))).length;
    found += tagged.length;
    marked += wanted.size;
  }
  const share = (whole: number): number => (whole === 0 ? 0 : (100 * right) / whole);
  return { f1: share((found + marked) / 2), precision: share(found), recall: share(marked) };
}

const keyOf = ({ entity, role, group, start, end }: MarkedEntity): string =>
  JSON.stringify([entity, role, group, start, end]);
