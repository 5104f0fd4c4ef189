import { describe, expect, it } from 'vitest';
import { bestOf } from '../confidence/softmax.ts';
import { matrixOf } from '../features/matrix.ts';
import { gramReader } from '../features/read.ts';
import { vectorizer } from '../features/vectors.ts';
import { learnVocabulary } from '../features/vocabulary.ts';
import { chance, shuffled } from '../../chance/index.ts';
import { trainClass } from './svm.ts';
import { linearScorer, trainLinear } from './train.ts';

const TEXTS = [
  ['where is my parcel', 'track my parcel', 'my parcel is late', '我的包裹到哪了'],
  ['i want a refund', 'refund please', 'where is my refund', '我要退款'],
  ['hello', 'hi there', 'good morning', '你好'],
].flatMap((texts, label) => texts.map((text) => ({ text, label })));

describe('a linear model', () => {
  it('knows what it was taught, and what is near to it', () => {
    const score = linearScorer(trainLinear(TEXTS, 3, { seed: 1 }));
    for (const { text, label } of TEXTS) expect(bestOf(score(text).scores)).toBe(label);
    expect(bestOf(score('parcle tracking').scores)).toBe(0);
    expect(bestOf(score('退款吧').scores)).toBe(1);
  });

  it('is the same for the same seed, and whatever the order of the texts nearly so', () => {
    expect(trainLinear(TEXTS, 3, { seed: 5 })).toEqual(trainLinear(TEXTS, 3, { seed: 5 }));
    const turned = linearScorer(trainLinear(TEXTS.toReversed(), 3, { seed: 1 }));
    const straight = linearScorer(trainLinear(TEXTS, 3, { seed: 1 }));
    for (const { text } of TEXTS) expect(bestOf(turned(text).scores)).toBe(bestOf(straight(text).scores));
  });

  it('can be made of nothing, and of a class without texts', () => {
    expect(linearScorer(trainLinear([], 0, { seed: 1 }))('hello').scores).toHaveLength(0);
    expect(linearScorer(trainLinear(TEXTS, 4, { seed: 1 }))('hello').scores).toHaveLength(4);
  });
});

describe('the solver', () => {
  // Given a problem in general position, the dual solution meets the conditions of Karush, Kuhn and Tucker.
  it('finds weights that are the support vectors added up, within the tolerance', () => {
    const texts = TEXTS.map(({ text }) => text);
    const vocabulary = learnVocabulary(texts, gramReader());
    const matrix = matrixOf(texts, vectorizer(vocabulary));
    const features = vocabulary.grams.length;
    const labels = Int32Array.from(TEXTS, ({ label }) => label);
    const support = new Float64Array(texts.length);
    const cost = 1;
    const weights = trainClass(matrix, labels, 0, features, { cost, seed: 1 }, support);
    for (let row = 0; row < matrix.rows; row += 1) {
      const sign = labels[row] === 0 ? 1 : -1;
      let dot = weights[features] ?? 0;
      for (let p = matrix.starts[row] ?? 0; p < (matrix.starts[row + 1] ?? 0); p += 1) {
        dot += (weights[matrix.ids[p] ?? 0] ?? 0) * (matrix.values[p] ?? 0);
      }
      const gradient = sign * dot - 1 + (support[row] ?? 0) / (2 * cost);
      if (support[row] === 0) expect(gradient).toBeGreaterThan(-0.5);
      else expect(Math.abs(gradient)).toBeLessThan(0.5);
    }
    const sum = support.reduce((all, alpha, row) => all + alpha * (labels[row] === 0 ? 1 : -1), 0);
    expect(weights[features]).toBeCloseTo(sum, 9);
  });
});

describe('chance', () => {
  it('repeats itself, and shuffles without losing anything', () => {
    const items = Array.from({ length: 100 }, (_, i) => i);
    const once = shuffled(items, chance(7));
    expect(shuffled(items, chance(7))).toEqual(once);
    expect(once).not.toEqual(items);
    expect(once.toSorted((a, b) => a - b)).toEqual(items);
  });
});
