import { auroc, calibrationError, chanceCalibrationError } from '../confidence/measures.ts';
import { chance } from '../../chance/index.ts';
import type { IntentExample, Understood } from '../model/intent-model.ts';

/** What a model said about an example that it had not seen. */
export interface Judged extends IntentExample {
  /** The intent it was taken for; absent where not one word was known. */
  readonly taken?: string;
  readonly confidence: number;
  /** The chance of being right if the text is in scope. */
  readonly probability: number;
}

/** How one intent fares. Shares from 0 to 1; precision is absent for an intent that nothing was taken for. */
export interface IntentFigures {
  readonly intent: string;
  readonly examples: number;
  readonly recall: number;
  readonly precision?: number;
}

/** Examples of one intent that were taken for another. */
export interface Confusion {
  readonly intent: string;
  readonly taken: string;
  readonly count: number;
}

/** How well a model understands, in figures. Shares from 0 to 1. */
export interface Evaluation {
  readonly examples: number;
  readonly accuracy: number;
  /** Expected calibration error of the probabilities, 15 bins. */
  readonly calibrationError: number;
  /** What it would come to by chance alone, with so few examples: what lies above tells that the model errs. */
  readonly calibrationErrorByChance: number;
  readonly threshold: number;
  /** Of the examples in scope: rightly answered, and wrongly answered, at the threshold. */
  readonly answered: { readonly right: number; readonly wrong: number };
  /** For examples whose intent the model does not have: how well they are told apart, and turned away. */
  readonly outside?: { readonly examples: number; readonly auroc: number; readonly turnedAway: number };
  readonly intents: readonly IntentFigures[];
  /** Most frequent first. */
  readonly confusions: readonly Confusion[];
  /** The mistakes that the model was surest of. */
  readonly worst: readonly Judged[];
}

const WORST = 50;
/** Any: the same judgements come to the same figures. */
const SEED = 1;

/** Judges one example: to be put together by `evaluate`. */
export function judged({ text, intent }: IntentExample, { ranked: [best], probability }: Understood): Judged {
  return { text, intent, confidence: best?.confidence ?? 0, probability, ...(best && { taken: best.intent }) };
}

/** Adds up judgements. An example whose intent is not among `intents` is out of scope. */
export function evaluate(all: readonly Judged[], intents: readonly string[], threshold: number): Evaluation {
  const known = new Set(intents);
  const inside = all.filter(({ intent }) => known.has(intent));
  const outside = all.filter(({ intent }) => !known.has(intent));
  const right = (it: Judged): boolean => it.taken === it.intent;
  const answered = inside.filter(({ confidence }) => confidence >= threshold);
  const share = (some: number, of: number): number => (of === 0 ? 0 : some / of);
  const rightlyAnswered = answered.filter(right).length;
  return {
    examples: inside.length,
    accuracy: share(inside.filter(right).length, inside.length),
    calibrationError: calibrationError(inside.map((it) => ({ confidence: it.probability, right: right(it) }))),
    calibrationErrorByChance: chanceCalibrationError(
      inside.map(({ probability }) => probability),
      chance(SEED),
    ),
    threshold,
    answered: {
      right: share(rightlyAnswered, inside.length),
      wrong: share(answered.length - rightlyAnswered, inside.length),
    },
    ...(outside.length > 0 && {
      outside: {
        examples: outside.length,
        auroc: auroc(confidences(inside), confidences(outside)),
        turnedAway: share(outside.filter(({ confidence }) => confidence < threshold).length, outside.length),
      },
    }),
    intents: intents.map((intent) => figuresOf(intent, inside)),
    confusions: confusionsOf(inside.filter((it) => !right(it))),
    worst: inside
      .filter((it) => !right(it))
      .sort((a, b) => b.confidence - a.confidence)
      .slice(0, WORST),
  };
}

const confidences = (all: readonly Judged[]): readonly number[] => all.map(({ confidence }) => confidence);

function figuresOf(intent: string, all: readonly Judged[]): IntentFigures {
  const of = all.filter((it) => it.intent === intent);
  const taken = all.filter((it) => it.taken === intent);
  const both = of.filter((it) => it.taken === intent).length;
  return {
    intent,
    examples: of.length,
    recall: of.length === 0 ? 0 : both / of.length,
    ...(taken.length > 0 && { precision: both / taken.length }),
  };
}

function confusionsOf(mistakes: readonly Judged[]): readonly Confusion[] {
  const counts = new Map<string, Confusion>();
  for (const { intent, taken = '' } of mistakes) {
    const key = JSON.stringify([intent, taken]);
    counts.set(key, { intent, taken, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.intent < b.intent ? -1 : 1));
}
