import type { Features } from './tokens.ts';

/** A sentence and the column of its intent. */
export interface Labelled {
  readonly features: Features;
  readonly label: number;
}

/** What is left out by chance while training: shares from 0 up to 1. */
export interface Noise {
  /** Of whole tokens. */
  readonly tokens: number;
  /** Of a token's table rows. */
  readonly features: number;
  /** Of the values that go into a convolution. */
  readonly inputs: number;
  /** Of the values that go into the head. */
  readonly pooled: number;
}

/** Nothing is left out: for answering. */
export const QUIET: Noise = { tokens: 0, features: 0, inputs: 0, pooled: 0 };

/**
 * Sentences that lie one behind another in the rows of a matrix, with a row of zeros before, between and behind them:
 * so a convolution over all of them is one product of matrices.
 */
export interface Batch {
  readonly sentences: readonly Labelled[];
  /** Where each sentence begins, and how many tokens it has. */
  readonly spans: readonly { readonly from: number; readonly length: number }[];
  /** Rows in all. */
  readonly rows: number;
}

/** Lays sentences out. */
export function batchOf(sentences: readonly Labelled[]): Batch {
  let from = 1;
  const spans = sentences.map(({ features }) => {
    const span = { from, length: features.counts.length };
    from += span.length + 1;
    return span;
  });
  return { sentences, spans, rows: from };
}
