import type { Labelled, Scored } from '../linear/train.ts';
import { chanceOf, fitLogistic, logit } from './logistic.ts';
import { rehearse, rehearseScope, strangerWeights, type Rehearsed, type Trainer } from './rehearse.ts';
import { bestOf, fitScale, softmax } from './softmax.ts';
import { chooseThreshold } from './threshold.ts';

/** How scores become probabilities: plain numbers, kept in the model's file. */
export interface Calibration {
  /** Of the softmax over scores. */
  readonly scale: number;
  /** Platt scaling of the best probability: constant, and slope over its log odds. */
  readonly best: readonly number[];
  /** The chance that an answer is right at all: constant, and slopes over the best score and the coverage. */
  readonly answer: readonly number[];
  /** The confidence from which an answer is worth giving. */
  readonly threshold: number;
}

/** What a calibrated model believes about a text. */
export interface Belief {
  /** The class with the highest score, -1 where there are none. */
  readonly best: number;
  /** The chance that the best class is right if the text is in scope. */
  readonly probability: number;
  /**
   * The chance that the best class is right, be the text in scope or not; what to tell strangers by. The best score and
   * the coverage are better at that than either alone, and than the lead over the second, a scaled softmax or its
   * product with a chance of being in scope: AUROC .969 on the validation part of CLINC150 (.973 where the hundred strangers
   * of its training part count as they should), the maximum margin .960. Beside both, nothing helps: the nearest example
   * (.966), the share of known parts and pairs (.969), the second score (.966), how far scores spread (.967), the length.
   */
  readonly confidence: number;
}

/** What a middling bot comes to: with few examples this counts most. */
const USUAL = { scale: 5, best: [0, 0.75], answer: [-1, 2, 1.5] } as const;
const FOLDS = 3;
/** From so many texts on, one group of strangers tells enough, and three would take too long. */
const LARGE = 3_000;
/** What more texts could tell is not worth its time: of a hundred thousand, every fifth rehearses. */
const ENOUGH = 20_000;
/** What rehearsals say counts as much as so many texts that were kept apart, which are nearer to what customers say. */
const REHEARSED = 50;

export interface CalibrateOptions {
  readonly seed: number;
  readonly train: Trainer;
  /** Texts that are known to be out of scope, where the author has some. */
  readonly outside?: readonly string[];
  /** What the model itself said about texts that it has not seen, where the author has some to spare. */
  readonly validation?: readonly Rehearsed[];
}

/**
 * Learns how far to trust a model, by rehearsals: models trained without some texts judge those, and models trained
 * without some intents judge strangers. No text is judged by a model that has seen it. At most 20,000 texts rehearse,
 * evenly taken, so that a large bot's time goes into its model. Examples are seldom as hard as what customers say, or are
 * harder, where they were written to set neighbours apart: texts for validation tell that, where there are some.
 */
export function calibrate(examples: readonly Labelled[], classes: number, options: CalibrateOptions): Calibration {
  const { seed, train, outside = [], validation = [] } = options;
  const every = Math.ceil(examples.length / ENOUGH);
  // Texts stand together by intent, so that each keeps its share.
  const texts = every > 1 ? examples.filter((_, i) => i % every === 0) : examples;
  const judged = texts.length < FOLDS ? [] : rehearse(texts, classes, { folds: FOLDS, seed, train });
  const rounds = texts.length > LARGE ? 1 : FOLDS;
  const strangers = rehearseScope(texts, classes, { rounds, seed, train, outside });
  const scale = judged.length === 0 ? USUAL.scale : fitScale(judged);
  const part = validation.length === 0 ? 1 : Math.min(1, REHEARSED / judged.length);
  const inside = [
    ...judged.map((row) => ({ row, is: isRight(row), weight: part })),
    ...validation.map((row) => ({ row, is: isRight(row), weight: 1 })),
  ];
  const best = fitLogistic(
    inside.map(({ row, ...seen }) => ({ ...seen, evidence: [logit(highestOf(softmax(row.scores, scale)))] })),
    USUAL.best,
  );
  const weights = strangerWeights(
    strangers,
    inside.reduce((sum, { weight }) => sum + weight, 0),
    outside.length,
  );
  const answer = fitLogistic(
    [
      ...inside.map(({ row, ...seen }) => ({ ...seen, evidence: evidenceOf(row) })),
      ...strangers.map((row) => ({ evidence: evidenceOf(row), is: false, weight: weights[row.kind] })),
    ],
    USUAL.answer,
  );
  const confidence = (row: Scored): number => chanceOf(answer, evidenceOf(row));
  // Where the author says what is out of scope, that decides; intents left out only stand in for it.
  const known = strangers.filter(({ kind }) => kind === (outside.length > 0 ? 'outside' : 'stranger'));
  const threshold = chooseThreshold({
    inside: (validation.length > 0 ? validation : judged).map((row) => ({
      confidence: confidence(row),
      right: isRight(row),
    })),
    outside: known.map(confidence),
  });
  return { scale, best, answer, threshold };
}

/** What a model's scores come to. Whoever has the softmax over them already spares a second one by giving its highest. */
export function believe(
  { scale, best: platt, answer }: Calibration,
  scored: Scored,
  highest = highestOf(softmax(scored.scores, scale)),
): Belief {
  const best = bestOf(scored.scores);
  if (best < 0) return { best, probability: 0, confidence: 0 };
  return { best, probability: chanceOf(platt, [logit(highest)]), confidence: chanceOf(answer, evidenceOf(scored)) };
}

const isRight = ({ scores, label }: Rehearsed): boolean => bestOf(scores) === label;

/** The best score (the maximum margin), and how much of the text is known. */
function evidenceOf({ scores, coverage }: Scored): readonly number[] {
  return [highestOf(scores), coverage];
}

function highestOf(values: Float64Array): number {
  return values[bestOf(values)] ?? 0;
}
