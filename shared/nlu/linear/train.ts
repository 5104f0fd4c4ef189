import { matrixOf } from '../features/matrix.ts';
import { rememberingReader, type GramReader } from '../features/read.ts';
import { vectorizer, type Vector } from '../features/vectors.ts';
import { learnVocabulary, type Vocabulary } from '../features/vocabulary.ts';
import { chance, shuffled } from '../../chance/index.ts';
import { scoresOf } from './score.ts';
import { trainClass } from './svm.ts';
import { weightsBuilder, type SparseWeights } from './weights.ts';

/** A text and its class, by number. */
export interface Labelled {
  readonly text: string;
  readonly label: number;
}

/** A trained linear model: what it knows, as data. */
export interface LinearModel {
  readonly vocabulary: Vocabulary;
  readonly weights: SparseWeights;
}

export interface TrainOptions {
  readonly seed: number;
  /** Where the texts are read again in other trainings, one reader for all of them saves time. */
  readonly read?: GramReader;
  /** Called after each class, with how many are done. */
  readonly onClass?: (done: number) => void;
}

/** By cross-validation on the training parts of BANKING77, CLINC150 and HWU64: 0.25, 0.5 and 2 are no better. */
const COST = 1;

/**
 * Trains a linear model. The texts are shuffled first, so their order in files does not matter, and the same texts and
 * seed always give the same model.
 */
export function trainLinear(texts: readonly Labelled[], classes: number, options: TrainOptions): LinearModel {
  const { seed, onClass, read = rememberingReader() } = options;
  const rows = shuffled(texts, chance(seed));
  const plain = rows.map(({ text }) => text);
  const vocabulary = learnVocabulary(plain, read);
  const features = vocabulary.grams.length;
  const matrix = matrixOf(plain, vectorizer(vocabulary, read));
  const labels = Int32Array.from(rows, ({ label }) => label);
  const support = new Float64Array(rows.length);
  const builder = weightsBuilder(features);
  for (let k = 0; k < classes; k += 1) {
    builder.add(trainClass(matrix, labels, k, features, { cost: COST, seed }, support));
    onClass?.(k + 1);
  }
  return { vocabulary, weights: builder.build() };
}

/** What a model says about a text. */
export interface Scored {
  readonly scores: Float64Array;
  /** How much of the text the model knows, 0 to 1. */
  readonly coverage: number;
}

/** Makes a model ready to be asked. */
export function linearScorer({ vocabulary, weights }: LinearModel, read?: GramReader): (text: string) => Scored {
  const vectorOf: (text: string) => Vector = vectorizer(vocabulary, read);
  return (text) => {
    const vector = vectorOf(text);
    return { scores: scoresOf(weights, vector), coverage: vector.coverage };
  };
}
