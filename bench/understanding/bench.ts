import { someOf, type Bench, type Figure } from '../lib/bench.ts';
import { costOf } from './cost.ts';
import { judge } from './judge.ts';
import { SETS } from './sets/index.ts';
import { dataIsThere } from './sets/set.ts';
import { SYSTEMS } from './systems/index.ts';

const FAMILIES = Object.keys(SETS);
const NAMES = SYSTEMS.map(({ name }) => name);

/** How well intents are understood, and what that costs. */
export const understanding: Bench = {
  name: 'understanding',
  summary: 'accuracy, calibration and out-of-scope detection on published sets; cost of an utterance; training',
  options: {
    sets: { help: `some of ${FAMILIES.join(', ')}`, default: FAMILIES.join(','), like: someOf(...FAMILIES) },
    systems: { help: `some of ${NAMES.join(', ')}`, default: NAMES.join(','), like: someOf(...NAMES) },
  },

  async run(context) {
    const durability = 'nothing is stored';
    if (!dataIsThere()) return { durability, figures: [], notes: ['the sets are not there: nothing was measured'] };
    const families = context.quick ? ['hint3'] : context.option('sets').split(',');
    const systems = SYSTEMS.filter(({ name }) => context.option('systems').split(',').includes(name));
    const figures: Figure[] = [];
    for (const system of systems) {
      for (const family of families) {
        for (const set of SETS[family]?.() ?? []) {
          const found = await judge(system, set);
          figures.push(...found);
          const [accuracy] = found;
          if (accuracy) context.say(`${accuracy.name} ${accuracy.value.toFixed(2)} %`);
        }
        // The first family is BANKING77, whose training has a goal for memory.
        if (family === 'banking77') {
          const value = process.resourceUsage().maxRSS / 1_024;
          figures.push({
            name: `memory after ${family}, ${system.name}`,
            value,
            unit: 'MB',
            goal: { kind: 'at-most', value: 1_024 },
          });
        }
      }
      figures.push(...(await costOf(system, context.quick)));
    }
    return {
      durability,
      figures,
      notes: [
        'Test halves of the sets; nothing is chosen by them. Official training parts; thresholds by rehearsal, for clinc150 by its validation part.',
      ],
    };
  },
};
