import { chanceOf, logit } from '../confidence/logistic.ts';
import { softmax } from '../confidence/softmax.ts';
import type { Scored } from '../linear/train.ts';
import { answer, type Cascade } from '../net/cascade.ts';
import { bestOf } from '../net/ensemble.ts';
import type { Weights } from '../net/shape.ts';
import { simplified } from '../text/simplified.ts';

/** The net of a model, when it is asked, and how far to trust both: plain data, kept in the model's file. */
export interface NetPart {
  readonly weights: Weights;
  readonly cascade: Cascade;
  /** Platt scaling of the highest share of both: constant, and slope over its log odds. */
  readonly best: readonly number[];
  /** The chance that an answer is right at all: constant, and slopes over what `netEvidence` gives. */
  readonly answer: readonly number[];
}

/** What a model and its net make of a text, and who answered. */
export interface Joint {
  readonly shares: Float32Array;
  readonly by: 'linear' | 'net';
}

/** A text as nets are taught and asked: they have seen simplified characters only. */
export const forNet = (text: string): string => simplified(text);

/** What the linear model says, as the probabilities that a net is mixed with. */
export const linearShares = ({ scores }: Scored, scale: number): Float32Array =>
  new Float32Array(softmax(scores, scale));

/** Asks the net where the linear model is not sure; goes on without it where its numbers overflow. */
export function joint(cascade: Cascade, linear: Float32Array, net: () => Float32Array): Joint {
  const { shares, from } = answer(cascade, linear, net);
  if (from === 'linear' || Number.isNaN(shares[0])) return { shares: linear, by: 'linear' };
  return { shares, by: 'net' };
}

/** What tells a right answer of both from a wrong one, and from a stranger. */
export function netEvidence({ scores, coverage }: Scored, shares: Float32Array): readonly number[] {
  return [Math.max(...scores), coverage, highestOf(shares)];
}

/** The chance that the best answer of both is right in scope (`probability`), and right at all (`confidence`). */
export function netBelief(
  { best, answer: coefficients }: Pick<NetPart, 'best' | 'answer'>,
  scored: Scored,
  shares: Float32Array,
): { readonly probability: number; readonly confidence: number } {
  return {
    probability: chanceOf(best, [logit(highestOf(shares))]),
    confidence: chanceOf(coefficients, netEvidence(scored, shares)),
  };
}

const highestOf = (shares: Float32Array): number => shares[bestOf(shares)] ?? 0;
