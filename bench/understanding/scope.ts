import { auroc } from '../../shared/nlu/confidence/measures.ts';
import { chooseThreshold } from '../../shared/nlu/confidence/threshold.ts';
import { judgeAll, shareOf, type Judged } from './judged.ts';
import type { BenchSet } from './sets/set.ts';
import type { Trained } from './systems/system.ts';

/** How strangers are told, 0 to 1: over all thresholds, and at the one that was chosen without the test part. */
export interface Scope {
  readonly auc: number;
  readonly answered: number;
  readonly turnedAway: number;
}

/** Asks a system about what is out of its scope. */
export async function scopeFigures(
  { validation, outside, goals }: BenchSet,
  trained: Trained,
  judged: readonly Judged[],
): Promise<Scope> {
  const answers = async (texts: readonly string[]): Promise<readonly number[]> => {
    const all: number[] = [];
    for (const text of texts) all.push((await trained.answer(text)).confidence);
    return all;
  };
  const strangers = await answers(outside?.test ?? []);
  const known = outside?.validation ?? [];
  const threshold =
    validation && known.length > 0
      ? chooseThreshold({
          inside: await judgeAll(trained, validation),
          outside: await answers(known),
          ...(goals.answered !== undefined && { answered: goals.answered / 100 }),
        })
      : trained.threshold;
  return {
    auc: auroc(
      judged.map(({ confidence }) => confidence),
      strangers,
    ),
    answered: shareOf(judged, ({ right, confidence }) => right && confidence >= threshold),
    turnedAway: shareOf(strangers, (confidence) => confidence < threshold),
  };
}
