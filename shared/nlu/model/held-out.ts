import { dealt, type Rehearsed } from '../confidence/rehearse.ts';
import { rememberingReader } from '../features/read.ts';
import { chance, shuffled } from '../../chance/index.ts';
import { linearScorer, trainLinear, type Scored } from '../linear/train.ts';
import { intentsOf, rehearseNet, teachAndAsk, type FineTuneOptions } from '../net/fine-tune.ts';
import type { IntentExample, IntentModel } from './intent-model.ts';
import { forNet, linearShares } from './net-part.ts';

/** What both models said about a text that neither had seen. */
export interface Held extends Rehearsed {
  readonly linear: Float32Array;
  readonly net: Float32Array;
}
/** What both said about a text that is none of their intents. */
export type Stranger = Omit<Held, 'label' | 'text'>;

/** Parts that examples are dealt into. */
export const FOLDS = 5;
const GROUPS = 3;

/** Texts that nothing was learned from, judged by the models themselves. */
export function judgedBy(
  { intents, linear, calibration }: IntentModel,
  texts: readonly IntentExample[],
  net: (text: string) => Float32Array,
): readonly Held[] {
  const score = linearScorer(linear);
  return texts.flatMap(({ text, intent }) => {
    const label = intents.indexOf(intent);
    const scored = score(text);
    if (label < 0) return [];
    return [{ text, label, ...scored, linear: linearShares(scored, calibration.scale), net: net(text) }];
  });
}

/** Cross-validation of both with the same folds, the first `folds` of five. `scale` turns scores into probabilities. */
export async function rehearsed(
  examples: readonly IntentExample[],
  intents: readonly string[],
  scale: number,
  folds: number,
  options: FineTuneOptions,
): Promise<readonly Held[]> {
  const { seed } = options;
  const texts = examples.map(({ text, intent }) => ({ text, label: intents.indexOf(intent) }));
  const fold = dealt(texts, FOLDS, seed);
  const read = rememberingReader();
  const scored = Array.from({ length: folds }, (_, f) => {
    const rest = texts.filter((__, i) => fold[i] !== f);
    const score = linearScorer(trainLinear(rest, intents.length, { seed, read }), read);
    return texts.filter((__, i) => fold[i] === f).map((row) => ({ ...row, ...score(row.text) }));
  }).flat();
  const taught = examples.map(({ text, intent }) => ({ text: forNet(text), intent }));
  const { shares } = await rehearseNet(taught, fold, folds, options);
  const width = intents.length;
  return scored.map((row, i) => ({
    ...row,
    linear: linearShares(row, scale),
    net: shares.subarray(i * width, (i + 1) * width),
  }));
}

/** A third of the intents, and what is outside (last), judged by models that know neither. */
export async function judgedStrangers(
  examples: readonly IntentExample[],
  outside: readonly string[],
  intents: readonly string[],
  options: FineTuneOptions,
): Promise<readonly { readonly scored: Scored; readonly net: Float32Array }[]> {
  const { seed } = options;
  const apart = new Set(shuffled(intents, chance(seed)).filter((_, i) => i % GROUPS === 0));
  const known = examples.filter(({ intent }) => !apart.has(intent));
  const names = intentsOf(known);
  if (names.length < 2) return [];
  const labels = known.map(({ text, intent }) => ({ text, label: names.indexOf(intent) }));
  const fold = dealt(labels, GROUPS, seed + 1);
  // As many texts as in the linear model's rehearsal, so that models are as sure of themselves as there.
  const kept = labels.filter((_, i) => fold[i] !== 0);
  const score = linearScorer(trainLinear(kept, names.length, { seed }));
  const asked = [...examples.filter(({ intent }) => apart.has(intent)).map(({ text }) => text), ...outside];
  const taught = known.filter((_, i) => fold[i] !== 0).map(({ text, intent }) => ({ text: forNet(text), intent }));
  const shares = await teachAndAsk(taught, asked.map(forNet), options);
  const width = names.length;
  return asked.map((text, i) => ({ scored: score(text), net: shares.subarray(i * width, (i + 1) * width) }));
}
