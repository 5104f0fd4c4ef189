import { describe, expect, it } from 'vitest';
import { PAIR, termsOf } from './terms.ts';

const words = (text: string) => termsOf(text).filter((term) => !term.startsWith(PAIR));

describe('terms', () => {
  it('are words of Chinese as a dictionary divides them, and pairs of characters', () => {
    expect(words('退款多久到账')).toContain('退款');
    expect(termsOf('退款')).toEqual(['退款', `${PAIR}退款`]);
  });

  it('are the same for traditional, full-width and capital letters', () => {
    expect(termsOf('退貨ＡＢＣ')).toEqual(termsOf('退货abc'));
  });

  it('are stems of English words, without those that every text has', () => {
    expect(termsOf('How do I return the returned items?')).toEqual(['return', 'return', 'item']);
  });

  it('are none for signs, half of a pair and nothing', () => {
    expect(termsOf('\ud83d ?! 👍')).toEqual([]);
    expect(termsOf('')).toEqual([]);
  });

  it('take time in proportion to the length', () => {
    const started = performance.now();
    termsOf('退款'.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
