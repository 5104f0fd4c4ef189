import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { MAX_PASSAGE } from './article.ts';
import { MIN_PASSAGE, passagesOf } from './split.ts';

const text = fc
  .array(fc.constantFrom('word ', '退款。', 'Is it so? ', '👩‍👩‍👧', 'longer'.repeat(20), '订'.repeat(90)), {
    minLength: 1,
    maxLength: 30,
  })
  .map((parts) => parts.join('').trim());
const headings = fc.array(fc.constantFrom('Refunds', '运费', 'Notes'), { maxLength: 2 });
const blocks = fc.array(fc.record({ headings, text }), { maxLength: 12 });
const solid = (s: string) => s.replaceAll(/\s/gu, '');

describe('passages', () => {
  test.prop([blocks])('are never too long, and together have every word in order', (all) => {
    const passages = passagesOf(all);
    let rest = passages.map((p) => solid(p.text)).join('');
    for (const { text: part } of passages) expect(part.length).toBeLessThanOrEqual(MAX_PASSAGE);
    for (const { text: block } of all) {
      // Headings may stand in between; pieces of a block follow each other.
      for (const piece of solid(block).match(/.{1,20}/gsu) ?? []) {
        const at = rest.indexOf(piece);
        expect(at).toBeGreaterThanOrEqual(0);
        rest = rest.slice(at);
      }
    }
  });

  it('end with their section where that is long enough', () => {
    const long = 'a'.repeat(MIN_PASSAGE);
    const passages = passagesOf([
      { headings: ['One'], text: long },
      { headings: ['Two'], text: long },
    ]);
    expect(passages).toEqual([
      { headings: ['One'], text: long },
      { headings: ['Two'], text: long },
    ]);
  });

  it('are filled up from the next section where theirs is short, with its heading', () => {
    const passages = passagesOf([
      { headings: ['Cost'], text: 'It is free.' },
      { headings: ['Time'], text: 'Three days.' },
    ]);
    expect(passages).toEqual([{ headings: ['Cost'], text: 'It is free.\nTime\nThree days.' }]);
  });

  it('break a long paragraph after a sentence', () => {
    const sentence = `${'商品'.repeat(60)}。`;
    const passages = passagesOf([{ headings: [], text: sentence.repeat(5) }]);
    expect(passages.length).toBe(2);
    for (const { text: part } of passages) expect(part.endsWith('。')).toBe(true);
  });
});
