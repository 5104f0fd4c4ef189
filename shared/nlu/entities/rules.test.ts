import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Bot, EntityRule } from '../../bot/bot.ts';
import { loadBot } from '../../bot/load.ts';
import type { Entity } from './entity.ts';
import { entityExtractor } from './extractor.ts';
import { normalise } from './normalised.ts';

let bot: Bot;
let extract: (text: string) => readonly Entity[];

const said = new Date('2026-11-20T10:00:00Z');
const extractorOf = async (of: Bot): Promise<typeof extract> => {
  const extractor = await entityExtractor(of);
  return (text) => extractor.extract(text, { locale: 'zh', said });
};
const withRules = (...entities: readonly EntityRule[]): Promise<typeof extract> => extractorOf({ ...bot, entities });
const words = (name: string, ...list: readonly string[]): EntityRule => ({
  name,
  patterns: [],
  words: list.map((word) => ({ word, value: word })),
});
beforeAll(async () => {
  bot = await loadBot(join(import.meta.dirname, '../../../bots/shop-helpdesk'));
  extract = await extractorOf(bot);
});

/** What was found, and the piece of the original text that it was found in. */
const found = (text: string, by = extract): readonly (readonly [string, string, string])[] =>
  by(text).map(({ entity, value, start, end }) => [entity, value, Array.from(text).slice(start, end).join('')]);

describe('in what customers of the demo bot write', () => {
  it.each([
    ['where is TS12345678?', 'TS12345678', 'TS12345678'],
    ['订单号TS12345678到哪了', 'TS12345678', 'TS12345678'],
    ['ts 1234 5678 please', 'ts 1234 5678', 'ts 1234 5678'],
    ['ts-12345678', 'ts-12345678', 'ts-12345678'],
    ['单号是 20314455', '20314455', '20314455'],
    ['ＴＳ１２３４５６７８', 'TS12345678', 'ＴＳ１２３４５６７８'],
    ['单号：２０３１４４５５。', '20314455', '２０３１４４５５'],
    ['😀 TS12345678 😀', 'TS12345678', 'TS12345678'],
    ['㍿ ⑫ ﷺ 20314455', '20314455', '20314455'],
  ])('the order number of %j', (text, value, piece) => {
    expect(found(text)).toEqual([['order_number', value, piece]]);
  });

  it.each(['call 13812345678', '1234567', '1234567890123', 'XTS12345678', 'TS123456789012345', '12345678a'])(
    'no order number in %j',
    (text) => {
      expect(found(text)).toEqual([]);
    },
  );

  it('the carrier, by any of its names', () => {
    expect(found('用顺丰速运寄的，不是 fedex')).toEqual([
      ['carrier', 'SF Express', '顺丰速运'],
      ['carrier', 'FedEx', 'fedex'],
    ]);
    expect(found('groups of startups use ups.')).toEqual([['carrier', 'UPS', 'ups']]);
    expect(found('ＤＨＬ丢了我的件')).toEqual([['carrier', 'DHL', 'ＤＨＬ']]);
  });

  it('every order number and carrier that its own examples mention', () => {
    const numbers = bot.intents.flatMap(({ examples }) => examples.filter(({ text }) => /TS\d{8}/.test(text)));
    expect(numbers.length).toBeGreaterThan(20);
    expect(numbers.filter(({ text }) => !found(text).some(([entity]) => entity === 'order_number'))).toEqual([]);
  });
});

describe('overlaps', () => {
  it('leave the longest, and of equals the earliest', async () => {
    const by = await withRules(
      words('short', '上海', 'new'),
      words('long', '上海浦东', 'new york city'),
      words('late', '东机'),
    );
    expect(found('去上海浦东机场, new york city', by)).toEqual([
      ['long', '上海浦东', '上海浦东'],
      ['long', 'new york city', 'new york city'],
    ]);
    expect(found('甲乙丙', await withRules(words('a', '乙丙'), words('b', '甲乙')))).toEqual([['b', '甲乙', '甲乙']]);
  });

  it('give way to a shorter word beside the longer one', async () => {
    expect(found('甲乙丙丁戊', await withRules(words('w', '甲乙', '甲乙丙', '丙丁戊己', '丙丁戊')))).toEqual([
      ['w', '甲乙丙', '甲乙丙'],
    ]);
    expect(
      found('甲乙丙丁戊', await withRules(words('w', '甲乙', '甲乙丙', '丙丁戊己'), words('x', '丙丁戊丁'))),
    ).toHaveLength(1);
    expect(found('甲乙丙丁戊己', await withRules(words('w', '甲乙', '甲乙丙', '丙丁戊己')))).toEqual([
      ['w', '甲乙', '甲乙'],
      ['w', '丙丁戊己', '丙丁戊己'],
    ]);
  });

  it('count within one character that normalises to several', async () => {
    expect(found('㎏', await withRules({ name: 'unit', patterns: ['k', 'g'], words: [] }))).toEqual([
      ['unit', 'k', '㎏'],
    ]);
  });
});

describe('a pattern', () => {
  const colour: EntityRule = {
    name: 'colour',
    patterns: ['colou?r:? ?([a-z]{2,10})', '#[0-9a-f]{6}'],
    words: [{ word: 'crimson', value: 'red' }],
  };
  it('with a group finds the group', async () => {
    expect(found('Colour: GREEN', await withRules(colour))).toEqual([['colour', 'GREEN', 'GREEN']]);
  });

  it('whose value is a known word finds what the word stands for', async () => {
    expect(found('color crimson', await withRules(colour))).toEqual([['colour', 'red', 'crimson']]);
  });
});

describe('whatever it is given', () => {
  it('finds at most twenty, the first ones', () => {
    const text = Array.from({ length: 30 }, (_, i) => `TS${10_000_000 + i}`).join(' ');
    const all = extract(text);
    expect(all).toHaveLength(20);
    expect(all.at(-1)?.value).toBe('TS10000019');
  });

  it.each(['TS12345678', '1', '顺丰', 'a\u0301\u0316', '\ud800', '㎏', 'ts ', '\u0301\u0316', 'ﷺ'])(
    'reads 10,000 characters of %j in bounded time',
    (text) => {
      const started = performance.now();
      extract(text.repeat(10_000 / text.length));
      expect(performance.now() - started).toBeLessThan(1_000);
    },
  );

  it('finds one of 20,000 words as fast as one of two', async () => {
    const many = await withRules(words('city', ...Array.from({ length: 20_000 }, (_, i) => `城市${i}号`)));
    const text = '我在城市19999号等了很久'.repeat(700);
    const started = performance.now();
    expect(many(text)).toHaveLength(20);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  const piece = fc.oneof(
    fc.constantFrom(
      'TS12345678',
      '２０３１４４５５',
      '顺丰',
      '顺丰速运',
      'ups',
      'ＤＨＬ',
      ' ',
      '，',
      'e\u0301',
      '\ud83d',
      '㎏',
      'ｶﾞ',
      '각',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  test.prop([fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))])(
    'finds pieces of the text, in order, without overlaps, that contain what was found',
    (text) => {
      let last = 0;
      for (const { entity, value, start, end } of extract(text)) {
        const points = Array.from(text);
        expect(start).toBeGreaterThanOrEqual(last);
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(points.length);
        if (entity === 'order_number') expect(normalise(points.slice(start, end).join('')).text).toContain(value);
        last = end;
      }
    },
  );
});

describe('a normalised text', () => {
  test.prop([fc.string({ unit: 'binary' })])('knows where each of its parts comes from', (text) => {
    const { text: normal, lower, origin } = normalise(text);
    expect(lower).toHaveLength(normal.length);
    expect(origin(0, normal.length)).toEqual({ start: 0, end: text.length });
  });

  it('has letters and their marks put together', () => {
    expect(normalise('cafe\u0301 ｶﾞ 가각').text).toBe('caf\u00e9 ガ 가각');
  });
});
