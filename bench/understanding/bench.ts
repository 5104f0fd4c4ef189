import { mkdir, writeFile } from 'node:fs/promises';
import { oneOf, someOf, type Bench, type BenchContext, type BenchOption, type Figure } from '../lib/bench.ts';
import { costOf } from './cost.ts';
import { encoderCost } from './encoder-cost.ts';
import { judge } from './judge.ts';
import { pictureOf } from './picture.ts';
import { SETS, WITH_GOALS } from './sets/index.ts';
import { dataIsThere } from './sets/set.ts';
import { slotSets } from './sets/slot-sets.ts';
import { F1, judgeSlots } from './slots.ts';
import { SYSTEMS } from './systems/index.ts';
import type { System } from './systems/system.ts';

const FAMILIES = Object.keys(SETS);
const NAMES = Object.keys(SYSTEMS);
/** Ours: there without the published sets. */
const OWN = 'helpdesk';
const RESULTS = 'bench/results';

const options = {
  sets: {
    help: `some of ${FAMILIES.join(', ')}; or none`,
    default: Object.keys(WITH_GOALS).join(','),
    like: someOf(...FAMILIES, 'none'),
  },
  systems: { help: `some of ${NAMES.join(', ')}`, default: NAMES.join(','), like: someOf(...NAMES) },
  start: {
    help: 'an ONNX file of training/ that the net starts from; one trained --without a set is fair to it',
    default: 'shipped',
    like: /./u,
  },
  slots: {
    help: 'sets with entities: some of snips, airline, crosswoz, finance, insurance; or none',
    default: 'snips,airline,crosswoz',
    like: someOf('snips', 'airline', 'crosswoz', 'finance', 'insurance', 'none'),
  },
  cost: {
    help: 'some numbers of intents to measure an utterance at, or 0',
    default: '1,10,150,1000',
    like: /^\d{1,4}(?:,\d{1,4})*$/u,
  },
  encoder: {
    help: 'whether to measure what a run of a tiny encoder in its worker costs: yes or no',
    default: 'yes',
    like: oneOf('yes', 'no'),
  },
} satisfies Readonly<Record<string, BenchOption>>;

/** How well intents and entities are understood, and what that costs. */
export const understanding: Bench = {
  name: 'understanding',
  summary: 'accuracy, calibration, strangers and entities on published sets; cost of an utterance; training',
  options,

  async run(context) {
    const asked = (option: keyof typeof options): readonly string[] => context.option(option).split(',');
    const families = (context.quick ? ['hint3'] : asked('sets')).filter((name) => dataIsThere() || name === OWN);
    const start = context.option('start');
    const systems = asked('systems').flatMap((name) => {
      const system = SYSTEMS[name]?.(start === 'shipped' ? undefined : start);
      return system ? [system] : [];
    });
    const figures: Figure[] = [];
    for (const system of systems) figures.push(...(await onSets(system, families, context)));
    figures.push(...(await onSlots(context.quick ? ['crosswoz'] : asked('slots'), context)));
    for (const system of dataIsThere() ? systems : []) {
      figures.push(...(await costOf(system, context.quick ? [10] : asked('cost').map(Number).filter(Boolean))));
    }
    if (context.option('encoder') === 'yes') figures.push(...(await encoderCost()));
    const partial = Object.entries(options).some(([name, option]) => context.option(name) !== option.default);
    if (!context.quick && !partial) {
      await mkdir(RESULTS, { recursive: true });
      await writeFile(`${RESULTS}/understanding.svg`, pictureOf(figures));
    }
    return {
      durability: 'nothing is stored',
      figures,
      partial,
      notes: [
        ...(dataIsThere() ? [] : ['The published sets are not there: they were left out.']),
        'Test halves of the sets; nothing is chosen by them. Official training parts; thresholds by rehearsal, for clinc150 by its validation part. Where a set has a validation part, the weight of the net is chosen by it.',
        'Calibration error by chance alone: what a model would come to that is right exactly as often as it says, with so few texts (15 bins of equal width, mean of 200 draws).',
        'Memory: the most that the process held while training, with what it held before.',
        start === 'shipped'
          ? 'The shipped starts of the nets have seen the training parts of clinc150, hwu64, snips and multidogo, and nothing of banking77, hint3 and helpdesk.'
          : `The net starts from ${start.split('/').at(-1) ?? start}.`,
      ],
    };
  },
};

async function onSets(system: System, families: readonly string[], context: BenchContext): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const family of families) {
    const sets = (await SETS[family]?.()) ?? [];
    for (const set of context.quick ? sets.slice(0, 1) : sets) {
      const found = await judge(system, set);
      figures.push(...found);
      tell(found[0], context);
    }
  }
  return figures;
}

async function onSlots(names: readonly string[], context: BenchContext): Promise<readonly Figure[]> {
  const sets = slotSets();
  const figures: Figure[] = [];
  for (const name of names) {
    const read = sets[name];
    if (!read) continue;
    const found = await judgeSlots(read());
    figures.push(...found);
    tell(
      found.find((figure) => figure.name.endsWith(F1)),
      context,
    );
  }
  return figures;
}

function tell(figure: Figure | undefined, context: BenchContext): void {
  if (figure) context.say(`${figure.name} ${figure.value.toFixed(2)} ${figure.unit}`);
}
