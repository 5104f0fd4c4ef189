import { believe, calibrate, type Calibration } from '../confidence/calibrate.ts';
import type { Trainer } from '../confidence/rehearse.ts';
import { rememberingReader } from '../features/read.ts';
import { linearScorer, trainLinear, type LinearModel } from '../linear/train.ts';
import { createScorer } from '../net/forward.ts';
import { withoutDenied } from '../text/denied.ts';
import { forNet, joint, linearShares, netBelief, type NetPart } from './net-part.ts';

/** A sentence and the intent that it stands for. */
export interface IntentExample {
  readonly text: string;
  readonly intent: string;
}

/** Everything that was learned from a bot's examples, as data. */
export interface IntentModel {
  readonly intents: readonly string[];
  readonly linear: LinearModel;
  /** Of the linear model; the threshold is that of the whole. */
  readonly calibration: Calibration;
  readonly seed: number;
  /** A net beside it, where one was trained (`train-net.ts`). */
  readonly net?: NetPart;
}

export interface TrainIntentsOptions {
  readonly seed: number;
  /** Texts that are known to be about something else. */
  readonly outside?: readonly string[];
  /** Examples that nothing else is learned from, as customers write: they tell best how far to trust the model. */
  readonly validation?: readonly IntentExample[];
  /** The part of the work that is done, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/** Trainings of all or most classes that a model takes, rehearsals among them: for the progress shown only. */
const TRAININGS = 6;

/**
 * Trains a model for intents: a linear model, and its calibration by rehearsals. Deterministic from the examples, their
 * order and the seed. With no examples, a model that never understands anything.
 */
export function trainIntentModel(examples: readonly IntentExample[], options: TrainIntentsOptions): IntentModel {
  const { seed, outside, validation, onProgress } = options;
  const intents = [...new Set(examples.map(({ intent }) => intent))];
  const numbers = new Map(intents.map((intent, i) => [intent, i]));
  const texts = examples.map(({ text, intent }) => ({ text, label: numbers.get(intent) ?? 0 }));
  const read = rememberingReader();
  let trainings = 0;
  const trained = (rows: typeof texts, classes: number): LinearModel => {
    const model = trainLinear(rows, classes, {
      seed,
      read,
      onClass: (done) => onProgress?.(Math.min(1, (trainings + done / classes) / TRAININGS)),
    });
    trainings += 1;
    return model;
  };
  const linear = trained(texts, intents.length);
  const train: Trainer = (rows, classes) => linearScorer(trained([...rows], classes), read);
  const score = linearScorer(linear, read);
  const calibration = calibrate(texts, intents.length, {
    seed,
    train,
    ...(outside && { outside }),
    ...(validation && {
      validation: validation.flatMap(({ text, intent }) => {
        const label = numbers.get(intent);
        return label === undefined ? [] : [{ text, label, ...score(text) }];
      }),
    }),
  });
  onProgress?.(1);
  return { intents, linear, calibration, seed };
}

/** An intent that a text may have, and how likely it is. */
export interface RankedIntent {
  readonly intent: string;
  /** The chance that the text has this intent, 0 to 1: strangers, which have none, are allowed for. */
  readonly confidence: number;
}

/** What a model makes of an utterance. */
export interface Understood {
  /** Best first, at most as many as were asked for. Empty where the text has not one known word. */
  readonly ranked: readonly RankedIntent[];
  /** The chance that the best intent is right if the text is in scope: what the calibration error is measured on. */
  readonly probability: number;
  /** Who answered: the linear model alone, or the net together with it. */
  readonly by: 'linear' | 'net';
}

const NOTHING: Understood = { ranked: [], probability: 0, by: 'linear' };

/**
 * Makes a model ready to understand, with a net or without: the linear model answers where it is sure, and only other
 * texts go on to the net. Not to be shared between threads; otherwise any number of texts one by one.
 */
export function intentReader(model: IntentModel, most = 5): (text: string) => Understood {
  const { intents, calibration, net } = model;
  const score = linearScorer(model.linear);
  const ask = net && createScorer(net.weights);
  return (utterance) => {
    const text = withoutDenied(utterance);
    const scored = score(text);
    if (scored.coverage === 0 || intents.length === 0) return NOTHING;
    const linear = linearShares(scored, calibration.scale);
    const { shares, by } =
      net && ask ? joint(net.cascade, linear, () => ask(forNet(text))) : { shares: linear, by: 'linear' as const };
    const top = topOf(shares, most);
    const highest = shares[top[0] ?? 0] ?? 1;
    const { confidence, probability } =
      net && by === 'net' ? netBelief(net, scored, shares) : believe(calibration, scored, highest);
    const ranked = top.map((k) => ({
      intent: intents[k] ?? '',
      confidence: (confidence * (shares[k] ?? 0)) / highest,
    }));
    return { ranked, probability, by };
  };
}

/** The places of the highest values, highest first: a few among many, so that nothing is sorted. */
function topOf(values: Float32Array, most: number): readonly number[] {
  const top: number[] = [];
  for (let k = 0; k < values.length; k += 1) {
    const value = values[k] as number;
    if (top.length === most && value <= (values[top[most - 1] ?? 0] as number)) continue;
    let at = top.length;
    while (at > 0 && value > (values[top[at - 1] ?? 0] as number)) at -= 1;
    top.splice(at, 0, k);
    if (top.length > most) top.pop();
  }
  return top;
}
