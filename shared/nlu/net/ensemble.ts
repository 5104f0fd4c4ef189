import { softmaxInPlace } from './softmax.ts';

/** What two models said about texts that neither had seen: a row of probabilities for each text. */
export interface Rehearsal {
  readonly classes: number;
  /** The right class of each text. */
  readonly labels: Int32Array;
  readonly linear: Float32Array;
  readonly net: Float32Array;
}

/** Weights that are tried. */
const STEPS = 20;

/** What is taken for a probability of 0, which has no logarithm. */
const SMALLEST = 1e-9;

/**
 * The probabilities of two models as one: their weighted geometric mean, so that a class needs the consent of both. On
 * held-out parts of BANKING77 0.3 points better than the arithmetic mean.
 */
export function mixed(linear: Float32Array, net: Float32Array, weight: number): Float32Array {
  const logs = new Float32Array(net.length);
  for (let k = 0; k < logs.length; k += 1) {
    const [one, other] = [linear[k] as number, net[k] as number];
    logs[k] = (1 - weight) * Math.log(Math.max(one, SMALLEST)) + weight * Math.log(Math.max(other, SMALLEST));
  }
  return softmaxInPlace(logs);
}

/**
 * The net's weight, 0 to 1, from texts that neither model had seen: most right answers, counted together with those of
 * the neighbouring weights, since a few texts more or less are chance; of equals, the one nearest to a half. Never one
 * that answers fewer texts right than the linear model alone, which is weight 0.
 */
export function chooseWeight(rehearsal: Rehearsal): number {
  const right = Array.from({ length: STEPS + 1 }, (_, step) => rightAnswers(rehearsal, step / STEPS));
  const alone = right[0] as number;
  const smooth = right.map((hits, i) => (right[i - 1] ?? hits) + 2 * hits + (right[i + 1] ?? hits));
  const middle = STEPS / 2;
  const best = [...right.keys()]
    .filter((step) => (right[step] as number) >= alone)
    .reduce((one, other) => {
      const gain = (smooth[other] as number) - (smooth[one] as number);
      return gain > 0 || (gain === 0 && Math.abs(other - middle) < Math.abs(one - middle)) ? other : one;
    }, 0);
  return best / STEPS;
}

/**
 * How sure both models are that a text is about one of their classes at all: the linear model's highest score (1 at the
 * margin), halved, and the net's highest share. To be compared with a threshold. It tells strangers best: AUROC .965 on
 * CLINC150's validation part, the mixture's highest share .963, the net's .960, the linear score .956.
 */
export const scopeScore = (scores: ArrayLike<number>, net: Float32Array): number =>
  Math.max(...Array.from(scores)) / 2 + (net[bestOf(net)] ?? 0);

/** How many texts a mixture with this weight answers right. */
export function rightAnswers({ classes, labels, linear, net }: Rehearsal, weight: number): number {
  const right = labels.filter((label, i) => {
    const [from, to] = [i * classes, (i + 1) * classes];
    return bestOf(mixed(linear.subarray(from, to), net.subarray(from, to), weight)) === label;
  });
  return right.length;
}

/** The place of the highest share; the first of equals. */
export function bestOf(shares: Float32Array): number {
  let best = 0;
  for (let k = 1; k < shares.length; k += 1) if ((shares[k] as number) > (shares[best] as number)) best = k;
  return best;
}
