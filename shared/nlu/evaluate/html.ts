import type { Evaluation, Judged } from './evaluation.ts';

const CELL = 14;
const LABEL = 220;
/** A matrix of more intents would be a picture of thousands of empty cells: the most confused ones are shown. */
const MOST_SHOWN = 60;

/**
 * A page that needs nothing but itself: the figures, a picture of what is taken for what, and the mistakes that the
 * model was surest of. Follows the reader's dark or light; every text is escaped.
 */
export function htmlReport(evaluation: Evaluation, title: string): string {
  const {
    examples,
    accuracy,
    calibrationError,
    calibrationErrorByChance,
    outside,
    threshold,
    answered,
    worst,
    intents,
  } = evaluation;
  const figures = [
    ['accuracy', percent(accuracy)],
    ['calibration error', percent(calibrationError)],
    ['of that by chance alone', percent(calibrationErrorByChance)],
    ['threshold', threshold.toFixed(2)],
    ['rightly answered at it', percent(answered.right)],
    ['wrongly answered at it', percent(answered.wrong)],
    ...(outside
      ? [
          ['out of scope turned away', percent(outside.turnedAway)],
          ['AUROC', outside.auroc.toFixed(3)],
        ]
      : []),
  ];
  const weakest = intents.toSorted((a, b) => a.recall - b.recall);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<h1>${escaped(title)}</h1>
<p>${examples} examples of ${intents.length} intents, none judged by a model that has seen it.</p>
<dl>${figures.map(([name = '', value = '']) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>
<h2>What is taken for what</h2>
<p>A row for each intent, a column for what it was taken for. The darker, the more of the row.</p>
${matrix(evaluation)}
<h2>The surest mistakes</h2>
<table><tr><th>text</th><th>is</th><th>was taken for</th><th>confidence</th></tr>
${worst.map(mistakeRow).join('\n')}
</table>
<h2>Intents, the weakest first</h2>
<table><tr><th>intent</th><th>examples</th><th>recall</th><th>precision</th></tr>
${weakest
  .map(
    (it) =>
      `<tr><td>${escaped(it.intent)}</td><td>${it.examples}</td><td>${percent(it.recall)}</td><td>${it.precision === undefined ? '–' : percent(it.precision)}</td></tr>`,
  )
  .join('\n')}
</table>
</html>
`;
}

/** The five characters that mean something in HTML, written so that they do not. */
export function escaped(text: string): string {
  const written: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/gu, (character) => written[character] ?? '');
}

function matrix({ intents, confusions }: Evaluation): string {
  const involved = new Map<string, number>();
  for (const { intent, taken, count } of confusions) {
    for (const name of [intent, taken]) involved.set(name, (involved.get(name) ?? 0) + count);
  }
  const shown = intents
    .filter(({ intent }) => intents.length <= MOST_SHOWN || involved.has(intent))
    .toSorted((a, b) => (involved.get(b.intent) ?? 0) - (involved.get(a.intent) ?? 0))
    .slice(0, MOST_SHOWN);
  const place = new Map(shown.map(({ intent }, i) => [intent, i]));
  const cell = (row: number, column: number, part: number, kind: string, title: string): string =>
    `<rect class="${kind}" x="${LABEL + column * CELL}" y="${row * CELL}" width="${CELL - 1}" height="${CELL - 1}" fill-opacity="${Math.max(0.12, Math.min(1, part)).toFixed(2)}"><title>${escaped(title)}</title></rect>`;
  const right = shown.map(({ intent, recall }, i) =>
    cell(i, i, recall, 'right', `${intent}: ${percent(recall)} right`),
  );
  const wrong = confusions.flatMap(({ intent, taken, count }) => {
    const [row, column] = [place.get(intent), place.get(taken)];
    const of = shown[row ?? -1]?.examples ?? 1;
    if (row === undefined || column === undefined) return [];
    return [cell(row, column, (3 * count) / of, 'wrong', `${intent} taken for ${taken}: ${count} of ${of}`)];
  });
  const names = shown.map(
    ({ intent }, i) =>
      `<text x="${LABEL - 6}" y="${i * CELL + CELL - 4}" text-anchor="end">${escaped(shortened(intent))}</text>`,
  );
  const size = shown.length * CELL;
  const note = shown.length < intents.length ? `<p>The ${shown.length} that are confused most.</p>` : '';
  return `${note}<svg viewBox="0 0 ${LABEL + size} ${size}" width="${LABEL + size}" height="${size}" role="img" aria-label="confusion matrix">${[...names, ...right, ...wrong].join('')}</svg>`;
}

function mistakeRow({ text, intent, taken = '–', confidence }: Judged): string {
  return `<tr><td>${escaped(text)}</td><td>${escaped(intent)}</td><td>${escaped(taken)}</td><td>${confidence.toFixed(2)}</td></tr>`;
}

const shortened = (name: string): string => (name.length > 34 ? `${name.slice(0, 33)}…` : name);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const STYLE = `
:root { color-scheme: light dark; --text: #1d2329; --back: #fff; --line: #d5dae0; --right: #1a7f5a; --wrong: #c4362c; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e8ec; --back: #14181c; --line: #343b43; --right: #4ccb97; --wrong: #ff7a6e; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
dl { display: flex; flex-wrap: wrap; gap: 1.5rem; }
dt { opacity: .7; }
dd { margin: 0; font-size: 1.5rem; }
svg { display: block; max-width: 100%; height: auto; font-size: 10px; }
svg text { fill: var(--text); }
.right { fill: var(--right); }
.wrong { fill: var(--wrong); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
`;
