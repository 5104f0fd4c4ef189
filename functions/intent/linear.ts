import { generator, shuffled } from './chance.ts';
import type { Counted } from './vocabulary.ts';

/** A text as a unit vector over the features a model has seen, and the share of the text's weight that they are. */
export interface Vector {
  readonly ids: Int32Array;
  readonly values: Float64Array;
  readonly coverage: number;
}

/** A sentence whose class is known, by number. */
export interface Row {
  readonly text: Counted;
  readonly label: number;
}

/** A trained model: a text to its vector, and a vector to one score (log odds) for each class. */
export interface LinearModel {
  readonly vectorOf: (text: Counted) => Vector;
  readonly scores: (vector: Vector) => Float64Array;
}

const ROUNDS = 5;
const RATE = 0.5;
/**
 * What is already this nearly right is left alone: half the work, small weights that leave room for doubt, and no less
 * accurate (83 % of the demo bot's examples in five folds; naive Bayes 81 %, nearest centroid 78 %).
 */
const GOOD_ENOUGH = 0.15;

/**
 * One logistic regression per class against all others, over TF-IDF, by AdaGrad in a fixed order: the same rows always
 * give the same model. One against the rest, because then a text can be none of them, which a softmax cannot say.
 */
export function trainLinear(rows: readonly Row[], features: number, classes: number): LinearModel {
  const vectorOf = tfIdf(rows, features);
  const bias = features * classes;
  const weights = new Float32Array(bias + classes);
  const squares = new Float32Array(bias + classes).fill(1e-6);
  const scores = ({ ids, values }: Vector): Float64Array => {
    const sums = Float64Array.from(weights.subarray(bias));
    for (let i = 0; i < ids.length; i += 1) {
      const at = (ids[i] ?? 0) * classes;
      const value = values[i] ?? 0;
      for (let k = 0; k < classes; k += 1) sums[k] = (sums[k] ?? 0) + (weights[at + k] ?? 0) * value;
    }
    return sums;
  };
  const step = (at: number, gradient: number): void => {
    const square = (squares[at] ?? 0) + gradient * gradient;
    squares[at] = square;
    weights[at] = (weights[at] ?? 0) - (RATE * gradient) / Math.sqrt(square);
  };
  const wrong = new Int32Array(classes);
  /** Corrects the classes that are wrong about a text, and says how many were. */
  const learn = (vector: Vector, label: number): number => {
    const errors = scores(vector);
    let count = 0;
    for (let k = 0; k < classes; k += 1) {
      const error = sigmoid(errors[k] ?? 0) - (k === label ? 1 : 0);
      errors[k] = error;
      if (Math.abs(error) > GOOD_ENOUGH) wrong[count++] = k;
    }
    for (let i = 0; i <= vector.ids.length && count > 0; i += 1) {
      const at = i < vector.ids.length ? (vector.ids[i] ?? 0) * classes : bias;
      const value = vector.values[i] ?? 1;
      for (let j = 0; j < count; j += 1) step(at + (wrong[j] ?? 0), (errors[wrong[j] ?? 0] ?? 0) * value);
    }
    return count;
  };

  const vectors = rows.map(({ text, label }) => ({ vector: vectorOf(text), label }));
  const random = generator(rows.length);
  for (let round = 0; round < ROUNDS; round += 1) {
    const corrected = shuffled(vectors, random).reduce((sum, { vector, label }) => sum + learn(vector, label), 0);
    if (corrected === 0) break;
  }
  return { vectorOf, scores };
}

/** The logistic function: log odds to a probability. */
export function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/** Weighs features by their rarity among these rows; those that none of the rows has are unknown to the model. */
function tfIdf(rows: readonly Row[], features: number): LinearModel['vectorOf'] {
  const occurrences = new Int32Array(features);
  for (const { text } of rows) for (const id of text.ids) occurrences[id] = (occurrences[id] ?? 0) + 1;
  const weigh = (count: number): number => Math.log((rows.length + 1) / (count + 1)) + 1;
  const weights = Float64Array.from(occurrences, weigh);
  const unseen = weigh(0);
  return ({ ids: all, counts, strange }) => {
    const ids = new Int32Array(all.length);
    const values = new Float64Array(all.length);
    let length = 0;
    let inside = 0;
    let outside = unseen * unseen * strange;
    for (let i = 0; i < all.length; i += 1) {
      const id = all[i] ?? 0;
      const value = (counts[i] ?? 0) * (weights[id] ?? unseen);
      if (occurrences[id] === 0) outside += value * value;
      else {
        ids[length] = id;
        values[length] = value;
        length += 1;
        inside += value * value;
      }
    }
    const norm = Math.sqrt(inside);
    for (let i = 0; i < length; i += 1) values[i] = (values[i] ?? 0) / norm;
    const coverage = inside + outside === 0 ? 0 : inside / (inside + outside);
    return { ids: ids.subarray(0, length), values: values.subarray(0, length), coverage };
  };
}
