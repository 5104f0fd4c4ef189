import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { plainText } from '../text/plain.ts';
import { gramBuffer, HAN_PARTS, kindOfGram, MOST_GRAMS, PAIRS, PARTS, readGrams, WORDS } from './grams.ts';
import { gramReader, rememberingReader } from './read.ts';
import { gramTable } from './table.ts';
import { vectorizer } from './vectors.ts';
import { learnVocabulary } from './vocabulary.ts';

const gramsOf = (text: string): readonly number[] => {
  const buffer = gramBuffer();
  readGrams(plainText(text), buffer);
  return [...buffer.hashes.subarray(0, buffer.length)];
};
const ofKind = (text: string, kind: number): readonly number[] => gramsOf(text).filter((it) => kindOfGram(it) === kind);
const overlap = (a: readonly number[], b: readonly number[]): number => a.filter((it) => b.includes(it)).length;

describe('the grams of a text', () => {
  it('are words, neighbours with both ends, parts of words and pairs', () => {
    // Two words; three neighbours, the ends among them.
    expect(ofKind('my parcel', WORDS)).toHaveLength(5);
    expect(ofKind('my parcel', PAIRS)).toHaveLength(1);
    // " my ": one part of one letter for each letter, three of two, two of three, one of four.
    expect(ofKind('my', PARTS)).toHaveLength(8);
  });

  it('of Chinese are characters, neighbours and runs of up to four', () => {
    expect(ofKind('退货', WORDS)).toHaveLength(5);
    expect(ofKind('我要退货', HAN_PARTS)).toHaveLength(3 + 2 + 1);
    expect(ofKind('我要退货', PARTS)).toEqual([]);
  });

  it('know pairs of words in either order', () => {
    expect(ofKind('cancel order', PAIRS)).toEqual(ofKind('order cancel', PAIRS));
    expect(ofKind('cancel order', WORDS)).not.toEqual(ofKind('order cancel', WORDS));
  });

  it('forgive a slip of the finger', () => {
    expect(overlap(ofKind('cancel', PARTS), ofKind('cancle', PARTS))).toBeGreaterThan(8);
  });

  it('of an emoji, of nothing and of punctuation are none', () => {
    for (const text of ['', '😀🎉', '?!', '\ud83d']) expect(gramsOf(text)).toEqual([]);
  });

  it.each(['a ', '退', 'ab ', '𠮷'])('of 10,000 %j are bounded', (text) => {
    expect(gramsOf(text.repeat(10_000)).length).toBeLessThanOrEqual(MOST_GRAMS);
  });

  it('hardly ever share a hash', () => {
    const read = gramReader();
    const first = Array.from({ length: 20_000 }, (_, i) => read(`w${i.toString(36)}x`).hashes[0]);
    expect(new Set(first).size).toBeGreaterThan(19_997);
  });

  test.prop([fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })])(
    'do not depend on what was read before, and are remembered as they are',
    (before, text) => {
      const read = gramReader();
      const remembering = rememberingReader();
      read(before);
      remembering(before);
      const { hashes, length } = read(text);
      expect([...hashes.subarray(0, length)]).toEqual(gramsOf(text));
      expect([...remembering(text).hashes]).toEqual(gramsOf(text));
      expect(remembering(text)).toBe(remembering(text));
    },
  );
});

describe('a table of grams', () => {
  test.prop([fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 300 })])(
    'numbers them in the order in which they come, through every growth',
    (grams) => {
      const table = gramTable(1);
      for (const gram of grams) table.add(gram);
      const once = [...new Set(grams)];
      expect([...table.grams()]).toEqual(once);
      expect(once.map(table.idOf)).toEqual(once.map((_, i) => i));
      expect(table.idOf(0x1234567)).toBe(once.indexOf(0x1234567));
    },
  );
});

describe('a vector', () => {
  const texts = ['where is my parcel', 'where is my refund', 'track my parcel', '我的包裹到哪了'];
  const read = vectorizer(learnVocabulary(texts, gramReader()));
  const lengths = (text: string): number => {
    const { values, length } = read(text);
    return values.subarray(0, length).reduce((sum, value) => sum + value * value, 0);
  };

  it('brings each kind of gram to its own length', () => {
    expect(lengths('where is my parcel')).toBeCloseTo(1 + 1 + 0.5 * 0.5, 6);
    expect(lengths('parcel')).toBeCloseTo(2, 6);
    expect(lengths('xyzzy')).toBeLessThanOrEqual(1.000001);
  });

  it('says how much of the text it knows', () => {
    expect(read('where is my parcel').coverage).toBe(1);
    expect(read('quo vadis').coverage).toBe(0);
    const half = read('where is the zebra').coverage;
    expect(half).toBeGreaterThan(0.2);
    expect(half).toBeLessThan(0.8);
  });

  it.each([
    [2, 1 + 0.5 * 0.5 + 1],
    [8_000, 1 + 1 + 0.2 * 0.2],
  ])('lets parts of Chinese count the less the more texts there are: with %d', (texts, expected) => {
    const again = vectorizer(learnVocabulary(Array<string>(texts).fill('我要退货'), gramReader()));
    const { values, length } = again('我要退货');
    const sum = values.subarray(0, length).reduce((all, value) => all + value * value, 0);
    expect(sum).toBeCloseTo(expected, 6);
  });

  it('leaves out pairs that were met once, and with many texts such parts of Chinese', () => {
    const kinds = (texts: readonly string[]): ReadonlySet<number> =>
      new Set([...learnVocabulary(texts, gramReader()).grams].map(kindOfGram));
    expect(kinds(['alpha beta 我要退货'])).toEqual(new Set([WORDS, PARTS, HAN_PARTS]));
    const many = Array<string>(4_000).fill('alpha beta');
    expect(kinds([...many, '我要退货'])).toEqual(new Set([WORDS, PARTS, PAIRS]));
  });
});
