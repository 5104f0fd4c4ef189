import { describe, expect, it } from 'vitest';
import { crossValidate } from './cross-validate.ts';
import { evaluate, type Judged } from './evaluation.ts';
import { htmlReport } from './html.ts';

const one = (text: string, intent: string, taken: string, confidence = 0.9): Judged => ({
  text,
  intent,
  taken,
  confidence,
  probability: confidence,
});

describe('an evaluation', () => {
  const figures = evaluate(
    [one('1', 'a', 'a'), one('2', 'a', 'b', 0.4), one('3', 'b', 'b'), one('4', 'b', 'a', 0.8), one('5', 'x', 'a', 0.3)],
    ['a', 'b'],
    0.5,
  );

  it('counts what is right, answered and turned away', () => {
    expect(figures).toMatchObject({
      examples: 4,
      accuracy: 0.5,
      answered: { right: 0.5, wrong: 0.25 },
      outside: { examples: 1, auroc: 1, turnedAway: 1 },
    });
    expect(figures.calibrationErrorByChance).toBeGreaterThan(0);
    expect(figures.calibrationErrorByChance).toBeLessThan(figures.calibrationError);
    expect(figures.intents[0]).toEqual({ intent: 'a', examples: 2, recall: 0.5, precision: 0.5 });
  });

  it('names the surest mistakes first', () => {
    expect(figures.worst.map(({ text }) => text)).toEqual(['4', '2']);
    expect(figures.confusions).toEqual([
      { intent: 'a', taken: 'b', count: 1 },
      { intent: 'b', taken: 'a', count: 1 },
    ]);
  });
});

describe('cross-validation', () => {
  const examples = [
    'where is my parcel',
    'track my parcel',
    'parcel is late',
    'when does my parcel come',
    'parcel please',
  ]
    .map((text) => ({ text, intent: 'parcel' }))
    .concat(
      ['refund me', 'my refund', 'i want a refund', 'refund now', 'give me the refund'].map((text) => ({
        text,
        intent: 'refund',
      })),
    );

  it('judges every example once and repeats itself', async () => {
    const parts: number[] = [];
    const once = await crossValidate(examples, { folds: 5, seed: 1, onProgress: (part) => parts.push(part) });
    expect(once.examples).toBe(10);
    expect(once.accuracy).toBe(1);
    expect(parts.at(-1)).toBe(1);
    expect(parts).toEqual(parts.toSorted((a, b) => a - b));
    expect(await crossValidate(examples, { folds: 5, seed: 1 })).toEqual(once);
  });
});

describe('the page', () => {
  const nasty = `<script>alert("1")</script>`;
  const page = htmlReport(evaluate([one(nasty, nasty, 'b'), one('x', 'b', 'b')], [nasty, 'b'], 0.5), nasty);

  it('escapes every text', () => {
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
  });

  it('needs nothing from elsewhere', () => {
    expect(page).not.toMatch(/https?:|src=|href=|url\(/u);
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page).toContain('<svg');
  });
});
