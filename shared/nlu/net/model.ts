import { deserialise, serialise } from './format.ts';
import { createScorer } from './forward.ts';
import type { Weights } from './shape.ts';

/** A bot's net. */
export interface NetModel {
  readonly intents: readonly string[];
  /** What it knows, as data. */
  readonly weights: Weights;
  /** Probabilities of the intents in their order; they add up to 1. One text at a time, on this thread. */
  readonly scores: (text: string) => Float32Array;
  /** What `netModelOf` reads: the same bytes for the same net. */
  readonly serialise: () => Uint8Array;
}

/** Makes weights ready to answer. */
export function netModel(weights: Weights): NetModel {
  return { intents: weights.intents, weights, scores: createScorer(weights), serialise: () => serialise(weights) };
}

/** A model from its bytes; `nlu.net-refused` with the reason where they are not one. */
export const netModelOf = (bytes: Uint8Array): NetModel => netModel(deserialise(bytes));
