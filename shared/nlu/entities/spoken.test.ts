import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EN_NUMBER_WORDS, readEnNumeral } from './builtin/numerals-en.ts';
import { entityExtractor } from './extractor.ts';
import { normalise } from './normalised.ts';
import { spokenIn } from './spoken.ts';

const { extract } = await entityExtractor({
  hash: 'f'.repeat(64),
  settings: {},
  entities: [
    {
      name: 'order',
      patterns: ['(?<![a-z0-9])TS\\d{8}(?![a-z0-9])', '(?<![a-z0-9])\\d{8}(?![a-z0-9])', 'KL-\\d{4}'],
      words: [],
    },
    { name: 'number', patterns: [], words: [], dimension: 'number' },
  ],
});
const found = (text: string) =>
  extract(text, { locale: 'en', said: new Date(0) }).map(({ entity, value, start, end }) => [
    entity,
    value,
    Array.from(text).slice(start, end).join(''),
  ]);

describe('an order number that is said aloud', () => {
  it.each([
    ['t s one two three four five six seven eight', 'TS12345678'],
    ['T S one two double three four five six seven', 'TS12334567'],
    ['TS one two three four five six seven eight', 'TS12345678'],
    ['ts 1 2 3 4 5 6 7 8', 'TS12345678'],
    ['ts 1234 5678', 'TS12345678'],
    ['t s oh one triple nine three o five', 'TS01999305'],
    ['t s twenty twenty six oh five eleven', 'TS20260511'],
    ['t s one two three four five six seventy eight', 'TS12345678'],
    ['t, s, one, two, three, four, five, six, seven, eight', 'TS12345678'],
    ['TS一二三四五六七八', 'TS12345678'],
    ['t s 幺二三四五六七八', 'TS12345678'],
    ['T S 一 二 三 4 5 六 七 八', 'TS12345678'],
    ['four seven one one oh eight one five', '47110815'],
    ['四七一一零八幺五', '47110815'],
    ['4, 7, 1, 1, 0, 8, 1, 5', '47110815'],
    ['k l dash four seven one one', 'KL-4711'],
    ['k l 杠 四七一一', 'KL-4711'],
  ])('%s', (text, value) => {
    expect(found(text)).toEqual([['order', value, text]]);
  });

  it.each([
    ['my number is t s one two three four five six seven eight please', 't s one two three four five six seven eight'],
    ['它的单号是 t s 幺二三四五六七八，谢谢', 't s 幺二三四五六七八'],
    ['I four seven one one oh eight one five', 'four seven one one oh eight one five'],
  ])('is found where it stands: %s', (text, piece) => {
    expect(found(text).map(([entity, , at]) => [entity, at])).toEqual([['order', piece]]);
  });
});

describe('what is no code', () => {
  it.each([
    'I have a question',
    'a b',
    'one or two',
    'call 1234 5678',
    'between 2024 2025 and 2026 0101',
    'it is so',
    'one of my two orders',
    't s one two three',
  ])('%s', (text) => {
    expect(found(text).filter(([entity]) => entity === 'order')).toEqual([]);
  });

  it('leaves as it is what was written as the pattern wants it', () => {
    expect(found('ts12345678')).toEqual([['order', 'ts12345678', 'ts12345678']]);
  });
});

it('finds every code of eight digits again, in whatever words it is said', () => {
  const names = 'zero one two three four five six seven eight nine'.split(' ');
  const ways = [
    (digit: number) => String(digit),
    (digit: number) => names[digit] ?? '',
    (digit: number) => '零一二三四五六七八九'.charAt(digit),
  ];
  const digit = fc.record({ value: fc.nat({ max: 9 }), way: fc.nat({ max: 2 }) });
  fc.assert(
    fc.property(fc.array(digit, { minLength: 8, maxLength: 8 }), (digits) => {
      const said = `t s ${digits.map(({ value, way }) => ways[way]?.(value)).join(' ')}`;
      expect(found(said)).toEqual([['order', `TS${digits.map(({ value }) => value).join('')}`, said]]);
    }),
  );
});

it('is somewhere in the text, whatever the text is', () => {
  const word = fc.constantFrom(
    'a',
    't',
    's',
    'double',
    'twenty',
    'one',
    'o',
    '7',
    '42',
    '二',
    '杠',
    'dash',
    'TS',
    ',',
    'ﬁ',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const normal = normalise(words.join(' '));
      for (const { written, origin } of spokenIn(normal)) {
        let before = 0;
        for (let at = 0; at < written.length; at += 1) {
          const { start, end } = origin(at, at + 1);
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(normal.text.length);
          before = start;
        }
      }
    }),
  );
});

it.each(['five double constructor', 'TS one two double __proto__', 'twenty valueof'])(
  'words that every object knows are words like others: %j',
  (text) => {
    expect(() => found(text)).not.toThrow();
    expect(readEnNumeral('constructor')).toBeUndefined();
  },
);

describe('a word that is no number', () => {
  const words = fc.oneof(
    fc.constantFrom(
      'one',
      'twenty',
      'fourty',
      'half',
      'dozen',
      'hundred',
      'oh',
      'nil',
      'seventeen',
      'an',
      'and',
      'point',
    ),
    fc.stringMatching(/^[a-z]{2,9}$/u),
  );
  it('is known as such before it is read', () => {
    fc.assert(
      fc.property(words, (word) => {
        if (!EN_NUMBER_WORDS.has(word)) expect(readEnNumeral(word)).toBeUndefined();
      }),
    );
  });
});
