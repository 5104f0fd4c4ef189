import { bestOf, mixed, type Rehearsal } from './ensemble.ts';

/** Who answers: the linear model alone where its best probability is at least `threshold`, else both with `weight`. */
export interface Cascade {
  /** The net's share in the mixture. */
  readonly weight: number;
  /** More than 1 where every text goes on to the net, 0 where none does. */
  readonly threshold: number;
}

/** Probabilities of the classes, and which models they are from. */
export interface CascadeAnswer {
  readonly shares: Float32Array;
  readonly from: 'linear' | 'ensemble';
}

/** Share of texts that the cascade may answer wrong where the ensemble would have been right: 0.1 points. */
const LOSS = 0.001;
const EVERY_TEXT = 1.01;

/**
 * Learns from texts that neither model had seen from which confidence on the linear model alone is as good as the
 * ensemble, within 0.1 points with a standard error to spare (the root of how many texts the two answer differently):
 * the lowest such threshold, so that as few texts as possible go on.
 */
export function learnCascade(rehearsal: Rehearsal, weight: number): Cascade {
  const { classes, labels, linear, net } = rehearsal;
  const texts = Array.from(labels, (label, i) => {
    const one = linear.subarray(i * classes, (i + 1) * classes);
    const best = bestOf(one);
    const both = bestOf(mixed(one, net.subarray(i * classes, (i + 1) * classes), weight));
    return { confidence: one[best] ?? 0, lost: Number(both === label) - Number(best === label) };
  }).sort((a, b) => b.confidence - a.confidence);
  const allowed = LOSS * texts.length;
  let threshold = EVERY_TEXT;
  let lost = 0;
  let differing = 0;
  for (const [i, text] of texts.entries()) {
    lost += text.lost;
    differing += Math.abs(text.lost);
    // A run of equal confidences passes or fails as one.
    if (lost + Math.sqrt(differing) <= allowed && text.confidence !== texts[i + 1]?.confidence)
      threshold = text.confidence;
  }
  return { weight, threshold: weight === 0 ? 0 : threshold };
}

/** Asks the linear model's shares, and the net only where they are not sure enough. */
export function answer(cascade: Cascade, linear: Float32Array, net: () => Float32Array): CascadeAnswer {
  if ((linear[bestOf(linear)] ?? 0) >= cascade.threshold) return { shares: linear, from: 'linear' };
  return { shares: mixed(linear, net(), cascade.weight), from: 'ensemble' };
}
