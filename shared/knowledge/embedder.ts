import type { EmbedOptions, Encoder } from '../encoder/encoder.ts';

/** Makes vectors of which near ones mean something alike. */
export interface Embedder {
  /** Names the model by its content: vectors of different models cannot be compared. */
  readonly model: string;
  /** Numbers in a vector. */
  readonly dimension: number;
  /** One vector of length 1 for each text, in order. Fails as `Encoder.embed` does. */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<readonly Float32Array[]>;
}

/** A model of others, as `openEncoder` opens it. */
export const embedderOf = (encoder: Encoder): Embedder => ({
  model: encoder.capabilities.model,
  dimension: encoder.capabilities.dimension,
  embed: (texts, options) => encoder.embed(texts, options),
});
