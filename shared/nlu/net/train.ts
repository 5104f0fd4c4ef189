import { chance, shuffled } from '../../chance/index.ts';
import { createAdam } from './adam.ts';
import type { Labelled } from './batch.ts';
import { mixed } from './ensemble.ts';
import { createNetwork } from './network.ts';
import type { Recipe } from './recipe.ts';
import { dequantised, pooledOf, quantised, type Encoder, type Weights } from './shape.ts';

/** Steps until the rate is at its highest, or a tenth of all. */
const WARM_UP = 50;
/** Sentences that are judged at a time. */
const JUDGED = 64;

/**
 * Trains a net from an encoder, on this thread; the same seed gives the same weights. `onEpoch` hears how many epochs
 * are done and the mean loss of the last one.
 */
export function train(
  start: Encoder,
  intents: readonly string[],
  examples: readonly Labelled[],
  recipe: Recipe,
  onEpoch: (done: number, loss: number) => void = () => undefined,
): Weights {
  const { shape, convolutions } = start;
  const random = chance(recipe.seed);
  const table = dequantised(start.table, shape.dim);
  const network = createNetwork({ shape, table, convolutions, intents: intents.length }, recipe.batch, random);
  const optimise = createAdam(network, shape.dim, recipe);
  const steps = recipe.epochs * Math.ceil(examples.length / recipe.batch);
  const warmUp = Math.min(WARM_UP, steps / 10);
  let step = 0;
  for (let epoch = 1; epoch <= recipe.epochs; epoch += 1) {
    const order = shuffled(examples, random);
    let loss = 0;
    for (let i = 0; i < order.length; i += recipe.batch) {
      const batch = order.slice(i, i + recipe.batch);
      loss += network.step(batch, recipe.noise, recipe.smoothing) * batch.length;
      optimise(recipe.rate * Math.min(1, (step + 1) / warmUp) * 0.5 * (1 + Math.cos((Math.PI * step) / steps)));
      step += 1;
    }
    onEpoch(epoch, loss / examples.length);
  }
  const layers = network.layers.map(({ weights, bias }) => ({
    weights: weights.values.slice(),
    bias: bias.values.slice(),
  }));
  const head = layers.pop() ?? { weights: new Float32Array(pooledOf(shape)), bias: new Float32Array(1) };
  return { shape, table: quantised(network.table, shape.dim), convolutions: layers, head, intents };
}

/** Probabilities of a net's intents for many sentences, a row for each: what `createScorer` gives one by one. */
export function judge(weights: Weights, sentences: readonly Labelled[]): Float32Array {
  const { shape, convolutions, head, intents } = weights;
  const table = dequantised(weights.table, shape.dim);
  const start = { shape, table, convolutions, head, intents: intents.length };
  const network = createNetwork(start, JUDGED, () => 0);
  const all = new Float32Array(sentences.length * intents.length);
  for (let i = 0; i < sentences.length; i += JUDGED) {
    all.set(network.probabilities(sentences.slice(i, i + JUDGED)), i * intents.length);
  }
  if (!weights.beside) return all;
  const other = judge(weights.beside, sentences);
  for (let i = 0; i < all.length; i += intents.length) {
    const [one, two] = [all, other].map((shares) => shares.subarray(i, i + intents.length));
    if (one && two) one.set(mixed(one, two, 0.5));
  }
  return all;
}
