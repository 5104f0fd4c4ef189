import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { B, counted, inverted, K1, lexicon, type Weighed } from './inverted.ts';

const term = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
const weighed = fc.tuple(term, fc.integer({ min: 1, max: 3 }));
const passages = fc.array(fc.array(weighed, { maxLength: 12 }), { minLength: 1, maxLength: 12 });
const question = fc.array(fc.tuple(fc.oneof(term, fc.constant('never seen')), fc.constantFrom(0.5, 1)), {
  maxLength: 8,
});

/** BM25 as its formula is written, one passage and one term at a time. */
function bruteForce(all: readonly (readonly Weighed[])[], asked: readonly Weighed[]): readonly number[] {
  const length = (p: readonly Weighed[]) => p.reduce((sum, [, w]) => sum + w, 0);
  const count = (p: readonly Weighed[], t: string) => p.reduce((sum, [u, w]) => sum + (u === t ? w : 0), 0);
  const average = Math.max(1, all.reduce((sum, p) => sum + length(p), 0) / all.length);
  const idf = (n: number) => Math.log(1 + (all.length - n + 0.5) / (n + 0.5));
  return all.map((p) => {
    const parts = asked.map(([t, w]) => {
      const f = count(p, t);
      const n = all.filter((q) => count(q, t) > 0).length;
      return (w * idf(n) * f * (K1 + 1)) / (f + K1 * (1 - B + (B * length(p)) / average));
    });
    return parts.reduce((sum, x) => sum + x, 0) / (idf(0) * (K1 + 1));
  });
}

describe('an inverted index', () => {
  test.prop([passages, question])('scores every passage like the formula of BM25', (all, asked) => {
    const words = lexicon();
    const index = inverted(
      all.map((p) => counted(p, words)),
      words,
    );
    const { of, highest } = index.score(asked);
    bruteForce(all, asked).forEach((score, i) => {
      expect(of[i]).toBeCloseTo(score, 10);
      expect(of[i]).toBeLessThanOrEqual(highest + 1e-9);
    });
  });

  it('forgets the question before', () => {
    const words = lexicon();
    const index = inverted([counted([['a', 1]], words), counted([['b', 1]], words)], words);
    index.score([['a', 1]]);
    expect([...index.score([['b', 1]]).of].map((s) => s > 0)).toEqual([false, true]);
  });

  it('takes a term that came into the lexicon after it for one that no passage has', () => {
    const words = lexicon();
    const index = inverted([counted([['a', 1]], words)], words);
    words.numberOf('later');
    expect([...index.score([['later', 1]]).of]).toEqual([0]);
  });

  it('has no passages and no fault where nothing is in it', () => {
    expect([...inverted([], lexicon()).score([['a', 1]]).of]).toEqual([]);
  });
});
