import { fc, test } from '@fast-check/vitest';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { entitiesExtracted } from '../../../events/understanding.ts';
import { DIMENSIONS } from './builtin/dimensions.ts';
import type { Candidate } from './entity.ts';
import { entityExtractor } from './extractor.ts';
import { withoutOverlaps, type Placed } from './overlaps.ts';
import { asking } from './testing.ts';

const SAID = new Date('2026-11-20T10:00:00Z');
const { extract } = await entityExtractor(asking(...DIMENSIONS));
const read = (text: string) => extract(text, { locale: 'zh', said: SAID, timezone: 'Asia/Shanghai' });

const PIECES = [
  '昨天下午三点半',
  '上周五',
  'next Tuesday',
  '98块5',
  '两千三百万',
  'one four double seven',
  '百分之二十',
  '三个半小时',
  '下个月15号',
  'half past six',
  'a couple of days',
  '１３８１２３４５６７８',
  '4111 1111 1111 1111',
  'a@b.example',
  'http://x.example/',
  '广东省深圳市南山区科技园路15号',
  '前',
  '后',
  '的',
  ' ',
  '，',
  '😀',
  '👨‍👩‍👧',
  '\ud83d',
  '\udc00',
  '\u202e',
  'שלום',
  'e\u0301',
  '㎏',
  'ﷺ',
  '\u0000',
  '-',
  '/',
  ':',
  '.',
  '号',
  '月',
  '点',
  '1',
  '0',
];
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 25 })
  .map((pieces) => pieces.join(''));

describe('in any text', () => {
  test.prop([anyText], { numRuns: 500 })('values stand in order, without overlaps, inside of it', (text) => {
    let last = 0;
    const points = Array.from(text);
    for (const { start, end, value } of read(text)) {
      expect(start).toBeGreaterThanOrEqual(last);
      expect(end).toBeGreaterThan(start);
      expect(end).toBeLessThanOrEqual(points.length);
      expect(points.slice(start, end).join('').toWellFormed().normalize('NFKC')).toContain(value.normalize('NFKC'));
      last = end;
    }
  });

  test.prop([anyText.map((text) => text.toWellFormed().replace(/\p{Cc}/gu, ''))])(
    'values fit into an event',
    (text) => {
      const entities = read(text);
      expect(v.safeParse(entitiesExtracted.schema, { entities, model: 'm' }).issues).toBeUndefined();
    },
  );

  test.prop([anyText])('the same values are found again', (text) => {
    expect(read(text)).toEqual(read(text));
  });

  test.prop([fc.constantFrom(...PIECES.slice(0, 16)), fc.array(fc.constantFrom('😀', '𠮷', '👍🏽'), { maxLength: 4 })])(
    'places count code points: %j after %j',
    (piece, emoji) => {
      const before = `${emoji.join('')} `;
      const shift = Array.from(before).length;
      const alone = read(piece).map(({ start, end, entity }) => [entity, start + shift, end + shift]);
      expect(read(before + piece).map(({ start, end, entity }) => [entity, start, end])).toEqual(alone);
    },
  );
});

describe('10,000 characters', () => {
  const EVIL = [
    ...PIECES,
    '一',
    '十',
    '万',
    '零一',
    '一点',
    '1-',
    '(1',
    '1 ',
    '1,',
    '11 ',
    'one ',
    'double ',
    'a and ',
    '半个',
    '三天',
    '年月日',
    '上个',
    '省市区',
    '路',
    '路1号',
    '中山路',
    'www.',
    'a.',
    '@',
    'a@',
    'http://',
    '+86 ',
    '第',
    '周',
    '块',
    '块5毛',
    '12:',
    '1月',
    '2026-',
    'next ',
    'at ',
    'march ',
    '1 st ',
    '12 a st, ',
    '大道',
    '\u0301',
    'of ',
    'in 1 ',
    'half ',
    'quarter to ',
    '1/',
    '差',
    '早上',
    ' ',
    '\n',
    '$',
    '$1',
    'مرحبا ١٢ ',
    'a\u202eש1',
    '\ud83d1',
    '\udc00',
  ];
  it.each(EVIL)('of %j are read in bounded time', (piece) => {
    const text = piece.repeat(Math.ceil(10_000 / piece.length)).slice(0, 10_000);
    read(text);
    const started = performance.now();
    read(text);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test.prop([fc.array(fc.constantFrom(...EVIL), { minLength: 1, maxLength: 5 })], { numRuns: 40 })(
    'of any mixture of them, too',
    (pieces) => {
      const text = pieces.join('').repeat(10_000).slice(0, 10_000);
      const started = performance.now();
      read(text);
      expect(performance.now() - started).toBeLessThan(5_000);
    },
  );

  it('and nothing at all', () => {
    expect(read('')).toEqual([]);
  });
});

describe('the rules for overlaps', () => {
  const candidate = fc.record({
    // Few places, so that many candidates claim the same one.
    start: fc.nat(3),
    length: fc.integer({ min: 0, max: 2 }),
    entity: fc.constantFrom('a', 'b'),
    normalised: fc.constantFrom('1', '2'),
    value: fc.constantFrom('x', 'y'),
    origin: fc.constantFrom('word' as const, 'builtin' as const),
    dimension: fc.constantFrom('card' as const, 'number' as const),
    role: fc.constantFrom('r', 's'),
  });
  const placed = candidate.map(({ start, length, dimension, ...rest }): Placed => {
    const end = start + length;
    const made: Candidate = { ...rest, start, end, ...(rest.origin === 'builtin' && { dimension }) };
    return { candidate: made, from: start, to: end };
  });
  const shuffled = fc
    .array(placed, { maxLength: 12 })
    .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));

  test.prop([shuffled], { numRuns: 500 })('do not depend on the order of candidates', ([all, otherwise]) => {
    expect(withoutOverlaps(otherwise)).toEqual(withoutOverlaps(all));
  });

  test.prop([fc.array(placed, { maxLength: 12 })])('leave nothing out that would have had room', (all) => {
    const kept = withoutOverlaps(all);
    for (const one of all.filter(({ from, to }) => to > from)) {
      expect(kept.some(({ from, to }) => from < one.to && one.from < to)).toBe(true);
    }
  });

  const at = (entity: string, from: number, to: number, more: Partial<Candidate> = {}): Placed => ({
    candidate: { entity, value: entity, start: from, end: to, origin: 'builtin', ...more },
    from,
    to,
  });
  const meant = (...all: readonly Placed[]) => withoutOverlaps(all).map((it) => it.candidate.entity);

  it('prefer the longer, then the author, then the more telling, then the earlier', () => {
    expect(meant(at('word', 0, 2, { origin: 'word' }), at('date', 0, 3, { dimension: 'date' }))).toEqual(['date']);
    expect(meant(at('phone', 0, 11, { dimension: 'phone' }), at('order', 0, 11, { origin: 'pattern' }))).toEqual([
      'order',
    ]);
    expect(meant(at('name', 0, 2, { origin: 'learned' }), at('date', 0, 2, { dimension: 'date' }))).toEqual(['date']);
    expect(meant(at('a', 0, 16, { dimension: 'number' }), at('z', 0, 16, { dimension: 'card' }))).toEqual(['z']);
    expect(meant(at('late', 1, 3), at('early', 0, 2))).toEqual(['early']);
  });
});
