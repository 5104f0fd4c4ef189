import { believe } from '../confidence/calibrate.ts';
import { fitLogistic, logit, type Observation } from '../confidence/logistic.ts';
import { strangerWeights } from '../confidence/rehearse.ts';
import { chooseThreshold } from '../confidence/threshold.ts';
import type { Scored } from '../linear/train.ts';
import { learnCascade } from '../net/cascade.ts';
import { bestOf, chooseWeight } from '../net/ensemble.ts';
import { fineTune, type FineTuneOptions } from '../net/fine-tune.ts';
import { FOLDS, judgedBy, judgedStrangers, rehearsed, type Held, type Stranger } from './held-out.ts';
import { trainIntentModel, type IntentExample, type IntentModel, type TrainIntentsOptions } from './intent-model.ts';
import { forNet, joint, linearShares, netBelief, netEvidence, type NetPart } from './net-part.ts';

export interface TrainWithNetOptions extends TrainIntentsOptions, Omit<FineTuneOptions, 'seed' | 'onProgress'> {
  /**
   * Examples that nothing else is learned from, to choose the net's weight, the cascade and the calibration by. Instead
   * of rehearsals, which are too good where the start has seen the same examples.
   */
  readonly validation?: readonly IntentExample[];
}

/** From so many examples on, one fold tells enough. */
const LARGE = 3_000;
const USUAL = { best: [0, 1], answer: [-2, 1, 1, 2] } as const;

/**
 * `trainIntentModel`, and a net beside it: fine-tuned from the shipped start, with the weight, the cascade and the
 * calibration of both chosen by texts that neither had seen. Without a net where there is too little to learn from, or
 * where it would help nothing. Takes 3 (from 3,000 examples on) to 7 trainings of a net, in a thread of its own.
 */
export async function trainWithNet(
  examples: readonly IntentExample[],
  options: TrainWithNetOptions,
): Promise<IntentModel> {
  const { outside = [], validation, onProgress } = options;
  const folds = validation ? 0 : examples.length > LARGE ? 1 : FOLDS;
  const trainings = folds + 3;
  let done = 0;
  const part = (of: number): void => onProgress?.(Math.min(1, (done + of) / trainings));
  const next = <T>(result: T): T => ((done += 1), result);

  const model = next(trainIntentModel(examples, { ...options, onProgress: part }));
  const { intents, calibration } = model;
  if (intents.length < 2 || (!validation && examples.length < FOLDS * 2)) return model;
  const tuning: FineTuneOptions = { ...options, onProgress: part };
  const taught = examples.map(({ text, intent }) => ({ text: forNet(text), intent }));
  const net = next(await fineTune(taught, tuning));
  const { scale } = calibration;
  const shares = (scored: Scored): Float32Array => linearShares(scored, scale);

  const held = validation
    ? judgedBy(model, validation, (text) => net.scores(forNet(text)).slice())
    : await rehearsed(examples, intents, scale, folds, {
        ...tuning,
        onProgress: (all) => {
          part(all * folds);
        },
      });
  done += folds;
  const strangers = (await judgedStrangers(examples, outside, intents, tuning)).map(({ scored, net: said }) => ({
    ...scored,
    linear: shares(scored),
    net: said,
  }));
  const labels = Int32Array.from(held, ({ label }) => label);
  const rehearsal = { classes: intents.length, labels, linear: joined(held, 'linear'), net: joined(held, 'net') };
  const weight = chooseWeight(rehearsal);
  onProgress?.(1);
  if (weight === 0) return model;
  const cascade = learnCascade(rehearsal, weight);
  const fitted = fit(cascade, held, strangers, outside.length);

  const confidence = (row: Stranger): number => {
    const said = joint(cascade, row.linear, () => row.net);
    return said.by === 'net' ? netBelief(fitted, row, said.shares).confidence : believe(calibration, row).confidence;
  };
  const known = outside.length > 0 ? strangers.slice(-outside.length) : strangers;
  const threshold = chooseThreshold({
    inside: held.map((row) => ({
      confidence: confidence(row),
      right: bestOf(joint(cascade, row.linear, () => row.net).shares) === row.label,
    })),
    outside: known.map(confidence),
  });
  return { ...model, calibration: { ...calibration, threshold }, net: { weights: net.weights, cascade, ...fitted } };
}

/** How far to trust both together, by what they said of texts in scope and of strangers (what is outside, last). */
function fit(
  cascade: NetPart['cascade'],
  held: readonly Held[],
  strangers: readonly Stranger[],
  outside: number,
): Pick<NetPart, 'best' | 'answer'> {
  const always = { ...cascade, threshold: Infinity };
  const seen = held.map((row) => {
    const { shares } = joint(always, row.linear, () => row.net);
    return { row, shares, is: bestOf(shares) === row.label };
  });
  const claims = seen.map(({ row, shares, is }) => ({
    evidence: [logit(shares[bestOf(shares)] ?? 0)],
    is,
    weight: 1,
    asked: joint(cascade, row.linear, () => row.net).by === 'net',
  }));
  // Those that go on to the net are the hard ones, and those are what it answers: they decide where there are enough.
  const best = fitLogistic(
    claims.filter(({ asked }) => asked),
    fitLogistic(claims, USUAL.best),
  );
  const left = strangers.length - outside;
  const kinds = strangers.map((_, i) => ({ kind: i < left ? 'stranger' : 'outside' }) as const);
  const weights = strangerWeights(kinds, held.length, outside);
  const strange = strangers.map((row, i): Observation => {
    const { shares } = joint(always, row.linear, () => row.net);
    return { evidence: netEvidence(row, shares), is: false, weight: weights[kinds[i]?.kind ?? 'stranger'] };
  });
  const inside = seen.map(({ row, shares, is }) => ({ evidence: netEvidence(row, shares), is, weight: 1 }));
  return { best, answer: fitLogistic([...inside, ...strange], USUAL.answer) };
}

function joined(held: readonly Held[], which: 'linear' | 'net'): Float32Array {
  const width = held[0]?.[which].length ?? 0;
  const all = new Float32Array(held.length * width);
  for (const [i, row] of held.entries()) all.set(row[which], i * width);
  return all;
}
