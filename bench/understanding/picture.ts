import { escaped } from '../../shared/nlu/evaluate/html.ts';
import type { Figure } from '../lib/bench.ts';
import { F1 } from './slots.ts';

const [LABEL, WIDTH, BAR, GAP, TOP] = [190, 480, 11, 12, 58] as const;
const FROM = 50;
const COLOURS = ['#2f6f9f', '#1a7f5a', '#b0742a', '#8a4fa3'] as const;

/** A bar: something reached a value on a set, and what it should have reached. */
interface Bar {
  readonly set: string;
  readonly system: string;
  readonly value: number;
  readonly goal: number | undefined;
}

/**
 * Accuracy on every set, a bar for each system and a mark at the goal, and below it the F1 of entities, as an SVG file.
 * From 50 to 100 %.
 */
export function pictureOf(figures: readonly Figure[]): string {
  const intents = chart('Intents understood in scope, % (red: the goal)', barsOf(figures, 'accuracy'), 0);
  const entities = chart('Entities found with their exact bounds, F1 in %', barsOf(figures, F1), intents.height);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LABEL + WIDTH + 60} ${intents.height + entities.height}" font-family="system-ui, sans-serif" font-size="11" fill="#1d2329">
<rect width="100%" height="100%" fill="#fff"/>
${[...intents.parts, ...entities.parts].join('\n')}
</svg>
`;
}

function barsOf(figures: readonly Figure[], what: string): readonly Bar[] {
  return figures.flatMap(({ name, value, goal }) => {
    if (!name.endsWith(`: ${what}`)) return [];
    const [set = '', system = ''] = name.slice(0, -what.length - 2).split(/, (?=[^,]+$)/u);
    return [{ set, system, value, goal: goal && 'value' in goal ? goal.value : undefined }];
  });
}

/** Nothing at all of no bars. */
function chart(
  title: string,
  bars: readonly Bar[],
  top: number,
): { readonly parts: readonly string[]; readonly height: number } {
  if (bars.length === 0) return { parts: [], height: 0 };
  const sets = [...new Set(bars.map(({ set }) => set))];
  const systems = [...new Set(bars.map(({ system }) => system))];
  const block = systems.length * BAR + GAP;
  const x = (percent: number): number => LABEL + (Math.max(0, percent - FROM) / (100 - FROM)) * WIDTH;
  const legend = systems.map((system, i) => {
    const at = LABEL + i * 130;
    return `<rect x="${at}" y="${top + 26}" width="11" height="11" fill="${colour(i)}"/><text x="${at + 16}" y="${top + 36}">${escaped(system)}</text>`;
  });
  const drawn = bars.map(({ set, system, value }) => {
    const i = systems.indexOf(system);
    const y = top + TOP + sets.indexOf(set) * block + i * BAR;
    const end = x(value);
    return `<rect x="${LABEL}" y="${y}" width="${(end - LABEL).toFixed(1)}" height="${BAR - 2}" fill="${colour(i)}"/><text x="${(end + 4).toFixed(1)}" y="${y + 9}">${value.toFixed(1)}</text>`;
  });
  const names = sets.map((set, i) => {
    const y = top + TOP + i * block;
    const goal = bars.find((bar) => bar.set === set)?.goal;
    const mark =
      goal === undefined
        ? ''
        : `<path d="M${x(goal).toFixed(1)} ${y - 2}v${systems.length * BAR + 2}" stroke="#c4362c" stroke-width="1.5"/>`;
    return `<text x="${LABEL - 8}" y="${y + (systems.length * BAR) / 2 + 4}" text-anchor="end">${escaped(set)}</text>${mark}`;
  });
  const heading = `<text x="${LABEL}" y="${top + 16}" font-size="13">${title}</text>`;
  return { parts: [heading, ...legend, ...drawn, ...names], height: TOP + sets.length * block + 10 };
}

const colour = (i: number): string => COLOURS[i % COLOURS.length] ?? '#555';
