import { auroc, calibrationError } from '../../shared/nlu/confidence/measures.ts';
import { chooseThreshold } from '../../shared/nlu/confidence/threshold.ts';
import type { IntentExample } from '../../shared/nlu/model/intent-model.ts';
import { plainText, wordsOf } from '../../shared/nlu/text/plain.ts';
import { atLeast, atMost, type Figure } from '../lib/bench.ts';
import type { BenchSet } from './sets/set.ts';
import type { Answer, System, Trained } from './systems/system.ts';

interface Judged extends Answer {
  readonly text: string;
  readonly right: boolean;
}

/** Trains a system on a set and says how it fares on the part that it has not seen. */
export async function judge(system: System, set: BenchSet): Promise<readonly Figure[]> {
  const { goals, train, test, outside } = set;
  const started = performance.now();
  const before = process.cpuUsage();
  const trained = await system.train(train, outside?.train ?? [], set.validation);
  const seconds = (performance.now() - started) / 1_000;
  const { user, system: kernel } = process.cpuUsage(before);
  const figure = (what: string, value: number, unit: string, goal?: Figure['goal'], detail = false): Figure => ({
    name: `${set.name}, ${system.name}: ${what}`,
    value,
    unit,
    ...(goal && { goal }),
    detail,
  });
  const percent = (what: string, share: number, goal?: number): Figure =>
    figure(what, share * 100, '%', goal === undefined ? undefined : atLeast(goal));

  const judged = await judgeAll(trained, test);
  const error = calibrationError(judged.map(({ probability, right }) => ({ confidence: probability, right })));
  const figures = [
    percent(
      'accuracy',
      share(judged, ({ right }) => right),
      goals.accuracy,
    ),
    figure('calibration error', error * 100, '%', atMost(3)),
    figure('training', seconds, 's'),
    figure('training, processor', (user + kernel) / 1e6, 's', undefined, true),
    figure('size', trained.bytes / 1e6, 'MB', atMost(8)),
  ];
  if (judged.some((answer) => answer.further !== undefined)) {
    figures.push(
      percent(
        'goes on to the net',
        share(judged, (answer) => answer.further === true),
      ),
    );
  }
  if (set.repeats) {
    const seen = new Set(train.map(({ text }) => wordsOf(plainText(text))));
    const unseen = judged.filter(({ text }) => !seen.has(wordsOf(plainText(text))));
    figures.push(
      percent(
        `accuracy on ${unseen.length} unseen texts`,
        share(unseen, ({ right }) => right),
        goals.unseen,
      ),
    );
  }
  if (outside) figures.push(...(await scopeFigures(set, trained, judged, { figure, percent })));
  return figures;
}

async function scopeFigures(
  { validation, outside, goals }: BenchSet,
  trained: Trained,
  judged: readonly Judged[],
  {
    figure,
    percent,
  }: {
    figure: (...of: [string, number, string, Figure['goal']?]) => Figure;
    percent: (what: string, share: number, goal?: number) => Figure;
  },
): Promise<readonly Figure[]> {
  const answers = async (texts: readonly string[]): Promise<readonly number[]> => {
    const all: number[] = [];
    for (const text of texts) all.push((await trained.answer(text)).confidence);
    return all;
  };
  const strangers = await answers(outside?.test ?? []);
  const threshold = validation
    ? chooseThreshold({
        inside: await judgeAll(trained, validation),
        outside: await answers(outside?.validation ?? []),
        ...(goals.answered !== undefined && { answered: goals.answered / 100 }),
      })
    : trained.threshold;
  const auc = auroc(
    judged.map(({ confidence }) => confidence),
    strangers,
  );
  return [
    figure('AUROC in and out of scope', auc, '', goals.auroc === undefined ? undefined : atLeast(goals.auroc)),
    percent(
      'in scope and rightly answered',
      share(judged, (it) => it.right && it.confidence >= threshold),
      goals.answered,
    ),
    percent(
      'out of scope and turned away',
      share(strangers, (it) => it < threshold),
      goals.turnedAway,
    ),
  ];
}

async function judgeAll(trained: Trained, examples: readonly IntentExample[]): Promise<readonly Judged[]> {
  const all: Judged[] = [];
  for (const { text, intent } of examples) {
    const answer = await trained.answer(text);
    all.push({ ...answer, text, right: answer.intent === intent });
  }
  return all;
}

function share<T>(of: readonly T[], is: (one: T) => boolean): number {
  return of.length === 0 ? NaN : of.filter(is).length / of.length;
}
