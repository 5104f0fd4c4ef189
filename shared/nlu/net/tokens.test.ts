import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { features, LONGEST_TEXT, MOST_TOKENS, tokens } from './tokens.ts';

/** What training/features.py made of the texts. */
const FIXTURE = JSON.parse(
  readFileSync(new URL('../../../models/intent-start/fixture.json', import.meta.url), 'utf8'),
) as readonly { readonly text: string; readonly rows: readonly number[]; readonly counts: readonly number[] }[];
const BITS = 15;

describe('what a text is to the net', () => {
  it.each(FIXTURE)('is the same in TypeScript as in Python: $text', ({ text, rows, counts }) => {
    const given = features(text, BITS);
    expect([...given.rows]).toEqual(rows);
    expect([...given.counts]).toEqual(counts);
  });

  it('is words, and each Chinese character', () => {
    expect(tokens("Can't find my CARD_12 (ＵＳＤ 3.50)? 您好，退款")).toEqual([
      'cant',
      'find',
      'my',
      'card',
      '00',
      'usd',
      '0',
      '00',
      '您',
      '好',
      '退',
      '款',
    ]);
  });

  it('is bounded', () => {
    expect(tokens('a '.repeat(LONGEST_TEXT))).toHaveLength(MOST_TOKENS);
    expect(features('x'.repeat(100_000), BITS).rows.length).toBeLessThan(50);
  });

  it('is one row for a text without a word', () => {
    expect(features('!?😀', BITS)).toEqual({ rows: new Uint32Array([0]), counts: new Uint8Array([1]) });
  });
});
