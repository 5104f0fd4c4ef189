import type { Noise } from './batch.ts';

/** How a net is trained. */
export interface Recipe {
  readonly seed: number;
  readonly epochs: number;
  /** Sentences that one step looks at. */
  readonly batch: number;
  /** The highest rate of learning; it falls to zero along a cosine. */
  readonly rate: number;
  /** How many times faster the head moves, which starts from nothing. */
  readonly headFactor: number;
  /** How many times faster the table's rows move. */
  readonly tableFactor: number;
  /** Share by which weights (not the table, not biases) shrink for each unit of rate. */
  readonly decay: number;
  /** Share of probability that is spread over all intents. */
  readonly smoothing: number;
  readonly noise: Noise;
}

/** How long a bot's author is willing to wait. */
export type Effort = 'default' | 'thorough';

/** Examples that are looked at in all epochs together: 4 epochs of a bot with 10,000 examples. */
const LOOKED_AT = { default: 40_000, thorough: 120_000 } as const;
const FEWEST = { default: 4, thorough: 8 } as const;
const MOST = { default: 50, thorough: 100 } as const;
/** However few examples there are, there are so many steps. */
const FEWEST_STEPS = 600;
const LARGEST_BATCH = 64;
const SMALLEST_BATCH = 8;
/** With fewer examples for each intent, more has to be left out, or the net learns them by heart. */
const FEW = 30;

/** The longer a net looks at its examples, the more has to be left out. */
const LITTLE: Noise = { tokens: 0.1, features: 0.1, inputs: 0.15, pooled: 0.3 };
const MORE: Noise = { tokens: 0.15, features: 0.2, inputs: 0.15, pooled: 0.6 };
const MUCH: Noise = { tokens: 0.1, features: 0.3, inputs: 0.15, pooled: 0.7 };

/**
 * The recipe for so many examples of so many intents: chosen on held-out parts of training halves (BANKING77 with all
 * of its examples and with 10 of each intent, two bots of HINT3). With many examples `thorough` was no better there than
 * chance; it is for bots that have not been measured.
 */
export function recipeFor(examples: number, intents: number, effort: Effort, seed: number): Recipe {
  const few = examples < FEW * intents;
  const batch = Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, Math.floor(examples / 12)));
  const enough = Math.ceil(FEWEST_STEPS / Math.max(1, examples / batch));
  const usual = Math.min(MOST[effort], Math.max(FEWEST[effort], Math.round(LOOKED_AT[effort] / Math.max(1, examples))));
  return {
    seed,
    epochs: Math.max(usual, enough),
    batch,
    rate: few ? 1e-3 : 3e-3,
    headFactor: 3,
    tableFactor: few ? 3 : 2,
    decay: 0,
    smoothing: 0.1,
    noise: few ? MUCH : effort === 'thorough' ? MORE : LITTLE,
  };
}
