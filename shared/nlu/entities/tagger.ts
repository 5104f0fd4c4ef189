import type { Normalised } from './normalised.ts';

/** A stretch that a learned model takes for an entity. Places count UTF-16 code units of the normalised text. */
export interface Tag {
  readonly entity: string;
  readonly start: number;
  readonly end: number;
  readonly role?: string;
  readonly group?: string;
}

/**
 * The port of a learned tagger: names and free slots that no pattern describes. What it proposes takes part in the same
 * resolution of overlaps as everything else, after what the bot's author and the built-in recognisers found.
 */
export interface Tagger {
  /** Names the model and its version. */
  readonly model: string;
  readonly tag: (text: Normalised, locale: string) => readonly Tag[];
}
