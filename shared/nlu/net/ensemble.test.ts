import { fc, it } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { answer, learnCascade } from './cascade.ts';
import { chooseWeight, mixed, rightAnswers, scopeScore, type Rehearsal } from './ensemble.ts';
import { softmaxOf } from './softmax.ts';

const CLASSES = 3;
const shares = fc
  .array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: CLASSES, maxLength: CLASSES })
  .map((scores) => softmaxOf(Float32Array.from(scores)));
const rehearsals = fc
  .array(fc.record({ linear: shares, net: shares, label: fc.nat(CLASSES - 1) }), { minLength: 1, maxLength: 60 })
  .map((texts): Rehearsal => ({
    classes: CLASSES,
    labels: Int32Array.from(texts, ({ label }) => label),
    linear: Float32Array.from(texts.flatMap(({ linear }) => [...linear])),
    net: Float32Array.from(texts.flatMap(({ net }) => [...net])),
  }));
const textsOf = ({ labels, linear, net }: Rehearsal) =>
  Array.from(labels, (label, i) => ({
    label,
    linear: linear.slice(i * CLASSES, (i + 1) * CLASSES),
    net: net.slice(i * CLASSES, (i + 1) * CLASSES),
  }));
const best = (values: Float32Array): number => values.indexOf(Math.max(...values));

describe('the weight of the net', () => {
  it.prop([rehearsals])(
    'never costs the linear model a right answer on the texts that it was chosen by',
    (rehearsal) => {
      const weight = chooseWeight(rehearsal);
      expect(rightAnswers(rehearsal, weight)).toBeGreaterThanOrEqual(rightAnswers(rehearsal, 0));
    },
  );

  it('is 0 for a net that is always wrong, and high for one that alone is right', () => {
    const right = Float32Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    const wrong = Float32Array.from([0, 1, 0, 0, 0, 1, 1, 0, 0]);
    const labels = Int32Array.from([0, 1, 2]);
    expect(chooseWeight({ classes: 3, labels, linear: right, net: wrong })).toBeLessThan(0.5);
    expect(chooseWeight({ classes: 3, labels, linear: wrong, net: right })).toBeGreaterThan(0.5);
  });
});

describe('the cascade', () => {
  it.prop([rehearsals])('answers as the ensemble what it passes on, and the rest as the linear model', (rehearsal) => {
    const cascade = learnCascade(rehearsal, 0.5);
    for (const { linear, net } of textsOf(rehearsal)) {
      const { shares: given, from } = answer(cascade, linear, () => net);
      expect(given).toEqual(from === 'ensemble' ? mixed(linear, net, 0.5) : linear);
    }
  });

  it.prop([rehearsals])(
    'loses at most 0.1 points to the ensemble on the texts that it was learned from',
    (rehearsal) => {
      const cascade = learnCascade(rehearsal, 0.5);
      const right = textsOf(rehearsal).filter(
        ({ linear, net, label }) => best(answer(cascade, linear, () => net).shares) === label,
      );
      expect(right.length).toBeGreaterThanOrEqual(rightAnswers(rehearsal, 0.5) - 0.001 * rehearsal.labels.length);
    },
  );

  it('never asks the net whose weight is 0', () => {
    const shares = Float32Array.from([0.4, 0.3, 0.3]);
    const rehearsal = { classes: 3, labels: Int32Array.from([0]), linear: shares, net: shares };
    const refuse = () => {
      throw new Error('asked');
    };
    expect(answer(learnCascade(rehearsal, 0), shares, refuse).from).toBe('linear');
  });
});

describe('whether a text is in scope', () => {
  it('is surer the surer both models are', () => {
    const [sure, unsure] = [Float32Array.from([0.9, 0.1]), Float32Array.from([0.5, 0.5])];
    expect(scopeScore([0.5, -1], sure)).toBeGreaterThan(scopeScore([0.5, -1], unsure));
    expect(scopeScore([0.5, -1], sure)).toBeGreaterThan(scopeScore([-0.5, -1], sure));
  });
});
