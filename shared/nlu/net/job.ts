import type { Encoder, Weights } from './shape.ts';
import type { Recipe } from './recipe.ts';
import { judge, train } from './train.ts';
import { features } from './tokens.ts';

/** A training as a worker is given it. */
export interface Job {
  /** A net is trained from each; they answer as one. */
  readonly starts: readonly Encoder[];
  readonly intents: readonly string[];
  readonly texts: readonly string[];
  /** The intent of each text, by its place. */
  readonly labels: Int32Array;
  readonly recipe: Recipe;
  /** Texts that the trained net is asked about. */
  readonly judged: readonly string[];
}

/** What comes of it. */
export interface JobResult {
  readonly weights: Weights;
  /** A row of probabilities for each judged text. */
  readonly shares: Float32Array;
}

/** Does a training on this thread; `onEpoch` hears how many epochs are done, over all starts. */
export function run(job: Job, onEpoch: (done: number) => void): JobResult {
  const { starts, intents, labels, recipe } = job;
  const bits = starts[0]?.shape.bits ?? 0;
  const examples = job.texts.map((text, i) => ({ features: features(text, bits), label: labels[i] as number }));
  const nets = starts.map((start, n) =>
    train(start, intents, examples, recipe, (done) => {
      onEpoch(n * recipe.epochs + done);
    }),
  );
  const weights = nets.reduceRight((beside, net) => ({ ...net, beside }));
  const judged = job.judged.map((text) => ({ features: features(text, bits), label: 0 }));
  return { weights, shares: judge(weights, judged) };
}
