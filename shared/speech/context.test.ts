import { describe, expect, it } from 'vitest';
import { wordsOf, type Context, type HeardPart } from './context.ts';

const context: Context = {
  groups: [
    ['one', 'two'],
    ['yes', 'no'],
  ],
  prior: [0.3, 0.3],
  stay: [0.8, 0.3, 0.7],
  fadeMs: 1_000,
  doubt: 0.03,
  least: 0.1,
};
const config = { context, threshold: 0.5, unknown: '?' };

/** Parts one behind another without a pause: how certain a digit is, and how certain an answer. */
const parts = (...certainties: readonly (readonly [number, number])[]): readonly HeardPart[] =>
  certainties.map(([digit, answer], i) => ({
    fromMs: 300 * i,
    toMs: 300 * (i + 1),
    guesses: [
      { word: 'two', certainty: digit },
      { word: 'no', certainty: answer },
    ],
  }));
const told = (heard: readonly HeardPart[], settings = config) => wordsOf(settings, heard).map(({ word }) => word);
const DIGIT = [0.95, 0] as const;
const OTHER = [0.02, 0.02] as const;
const DOUBTFUL = [0.35, 0.05] as const;

describe('judging what was heard by what stands around it', () => {
  it('takes what it is sure of', () => {
    expect(told(parts(DIGIT))).toEqual(['two']);
    expect(told(parts([0, 0.95]))).toEqual(['no']);
    expect(told(parts(OTHER))).toEqual(['?']);
    expect(told([])).toEqual([]);
  });

  it('takes a doubtful digit among digits, not by itself and not amid other speech', () => {
    expect(told(parts(DIGIT, DIGIT, DOUBTFUL, DIGIT))).toEqual(['two', 'two', 'two', 'two']);
    expect(told(parts(DOUBTFUL))).toEqual(['?']);
    expect(told(parts(OTHER, OTHER, [0.75, 0.05], OTHER, OTHER))[2]).toBe('?');
    expect(told(parts([0.75, 0.05]))).toEqual(['two']);
  });

  it('takes the first digit of a string by those that follow it', () => {
    expect(told(parts(DOUBTFUL, DIGIT, DIGIT))).toEqual(['two', 'two', 'two']);
  });

  it('takes an answer that it is sure of also before and after other speech', () => {
    expect(told(parts([0, 0.97], OTHER))[0]).toBe('no');
    expect(told(parts(OTHER, [0, 0.97]))[1]).toBe('no');
  });

  it('does not make a digit of other speech among digits', () => {
    expect(told(parts(DIGIT, DIGIT, OTHER, DIGIT, DIGIT))).toEqual(['two', 'two', '?', 'two', 'two']);
  });

  it('lets no single part decide alone, however sure', () => {
    expect(told(parts(OTHER, OTHER, [1, 0], OTHER, OTHER))[2]).toBe('?');
    expect(told(parts([1, 0], OTHER))[0]).toBe('two');
  });

  it('forgets over a pause', () => {
    const [first, second] = parts(DIGIT, DOUBTFUL);
    if (!first || !second) throw new Error('two parts');
    const late = { ...second, fromMs: 9_000, toMs: 9_300 };
    expect(told([first, second])).toEqual(['two', 'two']);
    expect(told([first, late])).toEqual(['two', '?']);
  });

  it('judges each part alone where nothing stays and the prior is even', () => {
    const alone = {
      ...config,
      context: { ...context, groups: [['two']], prior: [0.5], stay: [0, 0], doubt: 0, least: 0 },
    };
    for (const certainty of [0, 0.2, 0.5, 0.8, 1]) {
      const [one] = wordsOf(alone, [{ fromMs: 0, toMs: 300, guesses: [{ word: 'two', certainty }] }]);
      expect(one?.confidence).toBeCloseTo(certainty, 9);
    }
  });

  it('says from 0 to 1 how certain it is, however long and strange an utterance', () => {
    const long = parts(...Array.from({ length: 400 }, (_, i) => [(i * 0.37) % 1, (i * 0.71) % 1] as const));
    const words = wordsOf(config, long);
    expect(words).toHaveLength(400);
    for (const { confidence } of words) {
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(1);
    }
  });
});
