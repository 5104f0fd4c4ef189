import { describe, expect, it } from 'vitest';
import { assembleBot } from '../../bot/assemble.ts';
import type { Bot } from '../../bot/bot.ts';
import { FILES, textsOf } from '../../bot/little-bot.ts';
import { parseBot } from '../../bot/parse.ts';
import { entityExtractor } from './extractor.ts';

const DOMAIN = FILES.domain.replace(
  '  - carrier\n',
  `  - carrier
  - city:
      roles: [origin, destination]
  - size:
      groups: ['1', '2']
  - topping: { groups: ['1', '2'] }
  - delivery_day: { dimension: date }
`,
);
const NLU = `${FILES.nlu}  - lookup: city
    examples: |
      - 北京
      - 上海
      - 广州
      - Berlin
      - Paris
  - lookup: size
    examples: |
      - small
      - large
  - lookup: topping
    examples: |
      - ham
      - tuna
  - intent: track
    examples: |
      - 从[北京]{"entity": "city", "role": "origin"}寄到[上海]{"entity": "city", "role": "destination"}
      - [Berlin]{"entity": "city", "role": "destination", "group": "1"} it is
      - from [Berlin]{"entity": "city", "role": "origin"} to [Paris]{"entity": "city", "role": "destination"}
`.replace(', "group": "1"', '');

function made(change: Partial<typeof FILES> = {}): Bot {
  const bot = assembleBot(textsOf({ domain: DOMAIN, nlu: NLU, ...change }));
  if ('hash' in bot) return bot;
  throw new Error(JSON.stringify(bot));
}
const extractor = await entityExtractor(made());
const read = (text: string) => extractor.extract(text, { locale: 'zh', said: new Date('2026-11-20T10:00:00Z') });

describe('roles', () => {
  it.each([
    ['我要从广州寄到北京', ['广州 origin', '北京 destination']],
    ['寄到上海多少钱', ['上海 destination']],
    ['a parcel from Paris to Berlin', ['Paris origin', 'Berlin destination']],
    ['I live in Paris', ['Paris ']],
  ])('of %j come from the words around the values in examples', (text, expected) => {
    expect(read(text).map(({ value, role = '' }) => `${value} ${role}`)).toEqual(expected);
  });

  it('tell which slot a value fills', () => {
    const domain = DOMAIN.replace(
      'slots:\n',
      `slots:
  to_city:
    type: text
    mappings:
      - type: from_entity
        entity: city
        role: destination
`,
    ).replace('  utter_ask_order_number:', '  utter_ask_to_city:\n    - text: Where to?\n  utter_ask_order_number:');
    const { slots } = made({ domain });
    expect(slots.map(({ name, fill }) => [name, fill])).toEqual([
      ['order_number', [{ from: 'entity', entity: 'order_number' }]],
      ['to_city', [{ from: 'entity', entity: 'city', role: 'destination' }]],
    ]);
  });
});

describe('groups', () => {
  it('begin anew where a kind of value comes again', () => {
    expect(read('a small one with ham and a large one with tuna').map(({ value, group }) => [value, group])).toEqual([
      ['small', '1'],
      ['ham', '1'],
      ['large', '2'],
      ['tuna', '2'],
    ]);
  });
});

describe('a dimension', () => {
  it('is asked for by the domain, under a name of its own', () => {
    expect(read('明天送')).toEqual([
      { entity: 'delivery_day', value: '明天', start: 0, end: 2, dimension: 'date', normalised: '2026-11-21' },
    ]);
  });

  it('goes by the time zone of the bot where the channel knows none', async () => {
    const bot = made({ bot: `${FILES.bot}timezone: Pacific/Auckland\n` });
    const { extract } = await entityExtractor(bot);
    const said = new Date('2026-11-20T12:00:00Z');
    expect(extract('明天', { locale: 'zh', said })[0]?.normalised).toBe('2026-11-22');
    expect(extract('明天', { locale: 'zh', said, timezone: 'America/New_York' })[0]?.normalised).toBe('2026-11-21');
  });

  it('survives being stored', () => {
    const bot = made({ bot: `${FILES.bot}timezone: Asia/Shanghai\n` });
    expect(parseBot(JSON.stringify(bot))).toEqual(bot);
  });
});

describe('a tagger', () => {
  it('proposes what rules do not find, and yields to what they do', async () => {
    const { extract, model } = await entityExtractor(made(), {
      model: 'names@1',
      tag: ({ text }) => [
        { entity: 'name', start: text.indexOf('李雷'), end: text.indexOf('李雷') + 2, role: 'recipient' },
        { entity: 'name', start: text.indexOf('北京'), end: text.indexOf('北京') + 2 },
      ],
    });
    expect(model).toContain('names@1');
    const found = extract('😀寄给李雷，北京', { locale: 'zh', said: new Date(0) });
    expect(found.map(({ entity, start, end, role }) => [entity, start, end, role])).toEqual([
      ['name', 3, 5, 'recipient'],
      ['city', 6, 8, undefined],
    ]);
  });
});
