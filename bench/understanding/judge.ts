import { calibrationError, chanceCalibrationError } from '../../shared/nlu/confidence/measures.ts';
import { chance } from '../../shared/chance/index.ts';
import { plainText, wordsOf } from '../../shared/nlu/text/plain.ts';
import { atLeast, atMost, reported, type Figure, type Goal } from '../lib/bench.ts';
import { peakMemoryOf } from '../lib/memory.ts';
import { asked } from './asked.ts';
import { judgeAll, shareOf } from './judged.ts';
import { scopeFigures } from './scope.ts';
import type { BenchSet } from './sets/set.ts';
import type { System } from './systems/system.ts';

const WORST_CALIBRATION = 3;
const LARGEST_MB = 8;
const SEED = 1;

/** Trains a system on a set and says how it fares on the part that it has not seen. */
export async function judge(system: System, set: BenchSet): Promise<readonly Figure[]> {
  const { goals, train, test, outside } = set;
  const named = (what: string, value: number, unit: string, goal?: Goal): Figure => ({
    name: `${set.name}, ${system.name}: ${what}`,
    value,
    unit,
    ...(goal && { goal }),
  });
  const percent = (what: string, share: number, goal?: number): Figure =>
    named(what, share * 100, '%', goal === undefined ? undefined : atLeast(goal));
  // A goal for training is one for what a bot gets unless its author asks for more.
  const byDefault = (goal?: number): Goal | undefined =>
    goal !== undefined && system.isDefault ? atMost(goal) : undefined;

  const started = performance.now();
  const before = process.cpuUsage();
  const { result: trained, mib } = await peakMemoryOf(() => system.train(train, outside?.train ?? [], set.validation));
  const seconds = (performance.now() - started) / 1_000;
  const { user, system: kernel } = process.cpuUsage(before);

  const judged = await judgeAll(trained, test);
  const probabilities = judged.map(({ probability }) => probability);
  const error = calibrationError(judged.map(({ probability, right }) => ({ confidence: probability, right })));
  const isRight = ({ right }: { readonly right: boolean }): boolean => right;
  const figures = [
    percent('accuracy', shareOf(judged, isRight), goals.accuracy),
    named('calibration error', error * 100, '%', atMost(WORST_CALIBRATION)),
    named(
      `calibration error by chance alone, ${judged.length} texts`,
      chanceCalibrationError(probabilities, chance(SEED)) * 100,
      '%',
      reported,
    ),
    named('training', seconds, 's', byDefault(goals.seconds)),
    { ...named('training, processor', (user + kernel) / 1e6, 's'), detail: true },
    named('training, most memory', mib, 'MB', byDefault(goals.memory)),
    named('size', trained.bytes / 1e6, 'MB', atMost(LARGEST_MB)),
  ];
  if (judged.some((answer) => answer.further !== undefined)) {
    figures.push(
      percent(
        'goes on to the net',
        shareOf(judged, (answer) => answer.further === true),
      ),
    );
  }
  if (set.repeats) {
    const seen = new Set(train.map(({ text }) => wordsOf(plainText(text))));
    const unseen = judged.filter(({ text }) => !seen.has(wordsOf(plainText(text))));
    figures.push(percent(`accuracy on ${unseen.length} unseen texts`, shareOf(unseen, isRight), goals.unseen));
  }
  if (outside) {
    const { auc, answered, turnedAway } = await scopeFigures(set, trained, judged);
    figures.push(
      named('AUROC in and out of scope', auc, '', goals.auroc === undefined ? undefined : atLeast(goals.auroc)),
      percent('in scope and rightly answered', answered, goals.answered),
      percent('out of scope and turned away', turnedAway, goals.turnedAway),
    );
  }
  const cost = await asked(
    trained.answer,
    test.map(({ text }) => text),
  );
  return [...figures, named('one text: mean', cost.mean, 'µs'), named('one text: p99', cost.p99, 'µs')];
}
