import { availableParallelism, loadavg } from 'node:os';
import { startEmbedder } from '../../shared/knowledge/start-embedder.ts';
import { A_NUMBER, below, type Bench, type Figure } from '../lib/bench.ts';
import { costOf } from './latency.ts';
import { auroc, calibrationError, fitted } from './logistic.ts';
import {
  bestOf,
  cases,
  chosen,
  judged,
  outcomes,
  qualityOf,
  THRESHOLD,
  type Case,
  type Ordering,
} from './retrieval.ts';
import { BOTS, LANGUAGES } from './set.ts';

const P95_MS = 30;
const percent = (name: string, part: number): Figure => ({ name, value: part * 100, unit: '%' });

/** How well articles are found, how well the bot knows that it does not know, and what a question costs. */
export const knowledge: Bench = {
  name: 'knowledge',
  summary: 'recall and MRR on the project’s own questions, calibration, cost of a question over many passages',
  options: { passages: { help: 'how many passages the large base has', default: '50000', like: A_NUMBER } },

  async run(context) {
    const embedder = startEmbedder();
    const all = await cases(embedder);
    const [sum, ranks] = [chosen(all, 'sum'), chosen(all, 'ranks')];
    const bySum = ({ fold }: Case): Ordering => sum[fold] ?? 'words';
    const ways: readonly (readonly [string, (one: Case) => Ordering])[] = [
      ['BM25 alone', () => 'words'],
      ['vectors alone', () => 'meaning'],
      ['reciprocal ranks', ({ fold }) => ranks[fold] ?? 'words'],
      ['weighted sum', bySum],
    ];
    const figures: Figure[] = [];
    for (const [name, of] of ways) {
      for (const [whose, part] of partsOf(all)) {
        const { recall1, recall5, mrr } = qualityOf(part, of);
        const where = `${name}, ${whose}`;
        figures.push(percent(`${where}: recall@1`, recall1), percent(`${where}: recall@5`, recall5));
        figures.push({ name: `${where}: MRR`, value: mrr, unit: '' });
      }
    }
    for (const [name, of] of [ways[0], ways[3]].flatMap((way) => (way ? [way] : [])))
      figures.push(...knowing(name, all, of));

    const size = context.quick ? 2_000 : Number(context.option('passages'));
    for (const [name, by] of [
      ['words', undefined],
      ['words and vectors', embedder],
    ] as const) {
      const cost = await costOf(size, context.quick ? 1 : 5, context.progress('passages'), by);
      const where = `${cost.passages} passages, ${name}`;
      figures.push(
        { name: `${where}: a question, p50`, value: cost.p50, unit: 'ms' },
        { name: `${where}: a question, p95`, value: cost.p95, unit: 'ms', goal: below(P95_MS) },
        { name: `${where}: a question, p99`, value: cost.p99, unit: 'ms' },
        { name: `${where}: a question, processor time, p95`, value: cost.cpu95, unit: 'ms' },
        { name: `${where}: preparing the articles`, value: cost.preparing / 1_000, unit: 's' },
        { name: `${where}: building the index`, value: cost.building, unit: 'ms' },
        { name: `${where}: the index`, value: cost.index / 1e6, unit: 'MB' },
        { name: `${where}: memory in all`, value: cost.memory / 1e6, unit: 'MB' },
      );
    }
    return { durability: 'nothing is stored', figures, notes: notes(all, sum) };
  },
};

const partsOf = (all: readonly Case[]): readonly (readonly [string, readonly Case[]])[] => [
  ...LANGUAGES.map((language) => [language, all.filter((one) => one.language === language)] as const),
  ...BOTS.map((bot) => [bot, all.filter((one) => one.bot === bot)] as const),
  ['all', all],
];

/** How well a first hit's probability tells whether it is right, each judged by a line of the other folds. */
function knowing(name: string, all: readonly Case[], of: (one: Case) => Ordering): readonly Figure[] {
  const first = judged(all, of);
  const said = first.filter(({ confidence }) => confidence >= THRESHOLD);
  const none = all.filter(({ article }) => article === undefined).length;
  const answerable = all.length - none;
  const right = said.filter((o) => o.right).length;
  return [
    { name: `${name}: AUROC of right first hits`, value: auroc(first), unit: '' },
    percent(`${name}: calibration error`, calibrationError(first)),
    percent(`${name}: answered rightly, of questions with an article`, right / answerable),
    percent(`${name}: right, of what is answered`, right / said.length),
    percent(
      `${name}: says that it does not know, of questions without`,
      1 - said.filter(({ one }) => one.article === undefined).length / none,
    ),
  ];
}

/** What `shared/knowledge/tuning.ts` is set to: fitted on all questions. */
function notes(all: readonly Case[], sum: readonly Ordering[]): readonly string[] {
  const best = bestOf(all, 'sum');
  const line = (of: Ordering) =>
    Object.entries({ ...fitted(outcomes(all, () => of)) } satisfies Record<string, number>)
      .map(([name, value]) => `${name} ${value.toFixed(2)}`)
      .join(', ');
  return [
    `Five folds of ${all.length} questions: weight and line of a fold are chosen by the others. Chosen: ${sum.join('; ')}.`,
    `Fitted on all, for tuning.ts: ${best}; ${line(best)}. Words only: ${line('words')}.`,
    `Load of the machine at the end: ${(loadavg()[0] ?? 0).toFixed(1)} on ${availableParallelism()} cores. Where it is above their number, times include waiting for a core; processor time does not.`,
    'Vectors are those of models/intent-start, which comes with the project; no model of others was at hand.',
  ];
}
