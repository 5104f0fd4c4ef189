import { describe, expect, it } from 'vitest';
import type { Bot } from '../../shared/bot/bot.ts';
import { testBot } from '../../shared/testing/bot.ts';
import { personalSlots, wishesOf } from './known.ts';

const entity = (name: string, dimension?: 'phone' | 'money') => ({
  name,
  patterns: [],
  words: [],
  ...(dimension && { dimension }),
});
const bot: Bot = {
  ...testBot,
  entities: [entity('contact', 'phone'), entity('price', 'money'), entity('order_number')],
  slots: [
    { name: 'callback', type: 'text', fill: [{ from: 'entity', entity: 'contact' }] },
    { name: 'amount', type: 'float', fill: [{ from: 'entity', entity: 'price' }, { from: 'text' }] },
    { name: 'order', type: 'text', fill: [{ from: 'entity', entity: 'order_number' }] },
    { name: 'full_name', type: 'text', fill: [{ from: 'text' }] },
    { name: 'size', type: 'categorical', values: ['S', 'M'], fill: [{ from: 'text' }] },
  ],
  responses: {
    ...testBot.responses,
    utter_option_greet: [
      { locale: 'zh', text: '打招呼', buttons: [] },
      { locale: 'en', text: 'Say hello', buttons: [] },
    ],
  },
};

describe('what is known of a customer', () => {
  it('is personal where a slot keeps what tells who somebody is, or a whole answer', () => {
    const slots = { callback: '123', amount: '20', order: 'TS1', full_name: 'Jane Roe', size: 'M', unknown: 'x' };
    expect(personalSlots(bot, slots)).toEqual([
      { kind: 'phone', value: '123' },
      { kind: 'said', value: 'Jane Roe' },
    ]);
    expect(personalSlots(bot, {})).toEqual([]);
  });

  it('may want what the bot has words for, in the customer’s language', () => {
    expect(wishesOf(bot, ['greet', 'track_parcel'], 'en-GB')).toEqual([
      { title: 'Say hello', examples: ['hello'] },
      { title: 'track parcel', examples: ['where is my parcel'] },
    ]);
    expect(wishesOf(bot, ['greet'], 'zh')).toEqual([{ title: '打招呼', examples: ['你好'] }]);
  });
});
