import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { chance } from '../../chance/index.ts';
import { linearScorer, trainLinear } from '../linear/train.ts';
import { believe, calibrate } from './calibrate.ts';
import { chanceOf, fitLogistic } from './logistic.ts';
import { auroc, calibrationError, chanceCalibrationError } from './measures.ts';
import { dealt, rehearse, rehearseScope, strangerWeights, type Stranger, type Trainer } from './rehearse.ts';
import { bestOf, fitScale, softmax } from './softmax.ts';
import { chooseThreshold } from './threshold.ts';

const train: Trainer = (texts, classes) => linearScorer(trainLinear(texts, classes, { seed: 1 }));
const TEXTS = ['parcel late', 'refund money', 'hello friend', 'invoice paper'].flatMap((words, label) =>
  ['please', 'now', 'my', 'again', 'today', 'the'].map((more) => ({ text: `${words} ${more}`, label })),
);

describe('logistic regression', () => {
  it('finds the coefficients that the observations were drawn with', () => {
    const random = chance(3);
    const observations = Array.from({ length: 20_000 }, () => {
      const evidence = [random() * 4 - 2];
      return { evidence, is: random() < chanceOf([-0.5, 1.5], evidence), weight: 1 };
    });
    const [constant = 0, slope = 0] = fitLogistic(observations, [0, 0]);
    expect(constant).toBeCloseTo(-0.5, 1);
    expect(slope).toBeCloseTo(1.5, 1);
  });

  it('stays finite where everything was so, and as usual where nothing was seen', () => {
    const always = Array.from({ length: 1_000 }, () => ({ evidence: [1], is: true, weight: 1 }));
    expect(fitLogistic(always, [0, 1]).every(Number.isFinite)).toBe(true);
    expect(fitLogistic([], [0.3, 1])).toEqual([0.3, 1]);
  });
});

describe('softmax', () => {
  test.prop([fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 30 })])(
    'gives probabilities in the order of the scores',
    (scores) => {
      const probabilities = softmax(Float64Array.from(scores), 3);
      expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
      expect(scores[bestOf(probabilities)]).toBeCloseTo(Math.max(...scores), 9);
    },
  );

  it('is scaled so that it is right as often as it says', () => {
    const random = chance(5);
    const rows = Array.from({ length: 4_000 }, () => {
      const scores = Float64Array.from({ length: 4 }, () => random() * 2 - 1);
      const drawn = random();
      let sum = 0;
      const label = softmax(scores, 6).findIndex((p) => (sum += p) >= drawn);
      return { scores, label };
    });
    expect(fitScale(rows)).toBeGreaterThan(5.4);
    expect(fitScale(rows)).toBeLessThan(6.6);
  });
});

describe('the measures', () => {
  it('are what the definitions say', () => {
    expect(auroc([3, 2], [1, 0])).toBe(1);
    expect(auroc([1, 1], [1, 1])).toBe(0.5);
    expect(auroc([0, 2], [1])).toBe(0.5);
    expect(
      calibrationError([
        { confidence: 0.9, right: true },
        { confidence: 0.9, right: false },
      ]),
    ).toBeCloseTo(0.4, 9);
    expect(calibrationError([])).toBe(0);
  });

  it('tell what calibration error chance alone gives: the more claims, the less', () => {
    const claims = (count: number) => Array.from({ length: count }, (_, i) => 0.5 + (i % 50) / 100);
    const [few = 0, many = 0] = [100, 10_000].map((count) => chanceCalibrationError(claims(count), chance(1)));
    // Of n coins in one bin that are right half the time, the mean deviation is 0.4 / √n.
    expect(chanceCalibrationError(new Array<number>(400).fill(0.5), chance(1))).toBeCloseTo(0.4 / 20, 2);
    expect(few).toBeGreaterThan(0.07);
    expect(many).toBeLessThan(0.02);
    expect(chanceCalibrationError([0, 1], chance(1))).toBe(0);
  });

  it('find the threshold that is right most often on both sides', () => {
    const inside = [0.9, 0.8, 0.7, 0.2].map((confidence) => ({ confidence, right: true }));
    expect(chooseThreshold({ inside, outside: [0.1, 0.3, 0.5] })).toBeCloseTo(0.6, 9);
    expect(chooseThreshold({ inside, outside: [] })).toBe(0.5);
  });

  it('can be told what has to be answered, and turns away what it may beside that', () => {
    const inside = [0.9, 0.8, 0.7, 0.2].map((confidence) => ({ confidence, right: true }));
    const outside = [0.1, 0.3, 0.5];
    expect(chooseThreshold({ inside, outside, answered: 0.5 })).toBeCloseTo(0.6, 9);
    expect(chooseThreshold({ inside, outside, answered: 1 })).toBeCloseTo(0.15, 9);
    expect(chooseThreshold({ inside: [{ confidence: 0.9, right: false }], outside, answered: 1 })).toBe(0);
  });
});

describe('a rehearsal', () => {
  it('judges every text once, by a model that has not seen it', () => {
    const seen: ReadonlySet<string>[] = [];
    const spying: Trainer = (texts, classes) => {
      const known = new Set(texts.map(({ text }) => text));
      seen.push(known);
      const ask = train(texts, classes);
      return (text) => {
        if (known.has(text)) throw new Error('this text was seen');
        return ask(text);
      };
    };
    expect(rehearse(TEXTS, 4, { folds: 3, seed: 1, train: spying }).map(({ text }) => text)).toEqual(
      TEXTS.map(({ text }) => text),
    );
    const strangers = rehearseScope(TEXTS, 4, { rounds: 3, seed: 1, train: spying, outside: ['the moon'] });
    expect(strangers.filter(({ kind }) => kind === 'stranger')).toHaveLength(TEXTS.length);
    expect(strangers.filter(({ kind }) => kind === 'outside')).toHaveLength(3);
  });

  test.prop([fc.nat(500), fc.nat(500), fc.integer({ min: 1, max: 3 })])(
    'weighs all strangers together alike, and intents left out the less, the more is known to be out of scope',
    (left, outside, rounds) => {
      const row = (kind: Stranger['kind']): Stranger => ({ kind, scores: new Float64Array(2), coverage: 0 });
      const strangers = [
        ...Array.from({ length: left }, () => row('stranger')),
        ...Array.from({ length: outside * rounds }, () => row('outside')),
      ];
      const weights = strangerWeights(strangers, 1_000, outside);
      const [ofLeft, ofOutside] = [weights.stranger * left, weights.outside * outside * rounds];
      if (left > 0) expect(ofLeft).toBeCloseTo(400 * (50 / (outside + 50)), 6);
      expect(ofOutside).toBeCloseTo(400 * (outside / (outside + 50)), 6);
    },
  );

  it('deals every class over all folds', () => {
    const fold = dealt(TEXTS, 3, 1);
    for (const label of [0, 1, 2, 3]) {
      const counts = [0, 1, 2].map((f) => TEXTS.filter((it, i) => it.label === label && fold[i] === f).length);
      expect(counts).toEqual([2, 2, 2]);
    }
  });
});

describe('a calibrated model', () => {
  const calibration = calibrate(TEXTS, 4, { seed: 1, train });

  it('rehearses with so many texts at most, of every class its share', () => {
    const most: number[] = [];
    const shares: number[] = [];
    const quick: Trainer = (rows, classes) => {
      most.push(rows.length);
      shares.push(rows.filter(({ label }) => label === 0).length / rows.length);
      return () => ({ scores: new Float64Array(classes), coverage: 1 });
    };
    const many = Array.from({ length: 100_000 }, (_, i) => ({ text: `text ${i}`, label: Math.floor(i / 50_000) }));
    calibrate(many, 2, { seed: 1, train: quick });
    expect(Math.max(...most)).toBeLessThanOrEqual(20_000);
    expect(shares[0]).toBeCloseTo(0.5, 2);
  });
  const ask = train(TEXTS, 4);

  it.each([
    ['surer', true],
    ['less sure', false],
  ])('is %s where texts for validation show that it may be', (_what, right) => {
    const texts = TEXTS.map(({ text, label }) => ({ text, label: right ? label : (label + 1) % 4 }));
    const validation = [...texts, ...texts].map((row) => ({ ...row, ...ask(row.text) }));
    const told = calibrate(TEXTS, 4, { seed: 1, train, validation });
    const text = ask('refund money please');
    const change = believe(told, text).probability - believe(calibration, text).probability;
    expect(change * (right ? 1 : -1)).toBeGreaterThan(0);
    expect(Math.sign(believe(told, text).confidence - believe(calibration, text).confidence)).toBe(right ? 1 : -1);
  });

  it('is surer of what it knows than of what it does not', () => {
    const known = believe(calibration, ask('refund money please'));
    const strange = believe(calibration, ask('please explain quantum gravity'));
    expect(known.best).toBe(1);
    expect(known.confidence).toBeGreaterThan(calibration.threshold);
    expect(strange.confidence).toBeLessThan(calibration.threshold);
  });

  it('can be made of hardly anything', () => {
    for (const texts of [[], TEXTS.slice(0, 1), TEXTS.slice(0, 8)]) {
      const made = calibrate(texts, 2, { seed: 1, train });
      expect([made.scale, made.threshold, ...made.best, ...made.answer].every(Number.isFinite)).toBe(true);
    }
  });
});
