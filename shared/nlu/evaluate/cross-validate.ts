import { dealt } from '../confidence/rehearse.ts';
import {
  intentReader,
  trainIntentModel,
  type IntentExample,
  type IntentModel,
  type TrainIntentsOptions,
} from '../model/intent-model.ts';
import { evaluate, judged, type Evaluation, type Judged } from './evaluation.ts';

/** How a model is trained: alone (`trainIntentModel`), or with a net (`trainWithNet`). */
export type ModelTrainer = (
  examples: readonly IntentExample[],
  options: TrainIntentsOptions,
) => IntentModel | Promise<IntentModel>;

export interface CrossValidationOptions {
  readonly folds: number;
  readonly seed: number;
  /** Without a net unless given. */
  readonly train?: ModelTrainer;
  /** The part of the work that is done, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/**
 * Judges every example by a model that was trained and calibrated without it. The threshold is the mean of those that
 * the models chose.
 */
export async function crossValidate(
  examples: readonly IntentExample[],
  options: CrossValidationOptions,
): Promise<Evaluation> {
  const { folds, seed, train = trainIntentModel, onProgress } = options;
  const intents = [...new Set(examples.map(({ intent }) => intent))];
  const fold = dealt(
    examples.map(({ text, intent }) => ({ text, label: intents.indexOf(intent) })),
    folds,
    seed,
  );
  const all: Judged[] = [];
  let thresholds = 0;
  for (let f = 0; f < folds; f += 1) {
    const kept = examples.filter((_, i) => fold[i] !== f);
    const model = await train(kept, { seed, onProgress: (part) => onProgress?.((f + part) / folds) });
    const understand = intentReader(model);
    thresholds += model.calibration.threshold;
    for (const [i, example] of examples.entries()) {
      if (fold[i] === f) all.push(judged(example, understand(example.text)));
    }
  }
  return evaluate(all, intents, thresholds / folds);
}
