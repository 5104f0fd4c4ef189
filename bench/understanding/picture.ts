import { escaped } from '../../shared/nlu/evaluate/html.ts';
import type { Figure } from '../lib/bench.ts';

const [LABEL, WIDTH, BAR, GAP, TOP] = [190, 480, 11, 12, 58] as const;
const FROM = 50;
const COLOURS = ['#2f6f9f', '#1a7f5a', '#b0742a', '#8a4fa3'] as const;
const ACCURACY = /^(?<set>.+), (?<system>[^,]+): accuracy$/u;

/** Accuracy on every set, a bar for each system and a mark at the goal, as an SVG file. From 50 to 100 %. */
export function pictureOf(figures: readonly Figure[]): string {
  const rows = figures.flatMap((figure) => {
    const { set, system } = ACCURACY.exec(figure.name)?.groups ?? {};
    return set !== undefined && system !== undefined ? [{ set, system, ...figure }] : [];
  });
  const sets = [...new Set(rows.map(({ set }) => set))];
  const systems = [...new Set(rows.map(({ system }) => system))];
  const block = systems.length * BAR + GAP;
  const height = TOP + sets.length * block + 10;
  const x = (percent: number): number => LABEL + (Math.max(0, percent - FROM) / (100 - FROM)) * WIDTH;
  const legend = systems.map((system, i) => {
    const at = LABEL + i * 130;
    return `<rect x="${at}" y="26" width="11" height="11" fill="${colour(i)}"/><text x="${at + 16}" y="36">${escaped(system)}</text>`;
  });
  const bars = rows.map(({ set, system, value }) => {
    const i = systems.indexOf(system);
    const y = TOP + sets.indexOf(set) * block + i * BAR;
    const end = x(value);
    return `<rect x="${LABEL}" y="${y}" width="${(end - LABEL).toFixed(1)}" height="${BAR - 2}" fill="${colour(i)}"/><text x="${(end + 4).toFixed(1)}" y="${y + 9}">${value.toFixed(1)}</text>`;
  });
  const names = sets.map((set, i) => {
    const y = TOP + i * block;
    const goal = rows.find((row) => row.set === set)?.goal?.value;
    const mark =
      goal === undefined
        ? ''
        : `<path d="M${x(goal).toFixed(1)} ${y - 2}v${systems.length * BAR + 2}" stroke="#c4362c" stroke-width="1.5"/>`;
    return `<text x="${LABEL - 8}" y="${y + (systems.length * BAR) / 2 + 4}" text-anchor="end">${escaped(set)}</text>${mark}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LABEL + WIDTH + 60} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="#1d2329">
<rect width="100%" height="100%" fill="#fff"/>
<text x="${LABEL}" y="16" font-size="13">Intents understood in scope, % (red: the goal)</text>
${[...legend, ...bars, ...names].join('\n')}
</svg>
`;
}

const colour = (i: number): string => COLOURS[i % COLOURS.length] ?? '#555';
