import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { citedIn } from './answer.ts';
import { objectionTo, type Check, type Grounds } from './check.ts';
import { answerPrompt, choiceIn, systemOf } from './prompt.ts';

const PASSAGES = [
  'You may return an item within 30 days. See https://shop.example/returns or write to help@shop.example. We refund within 5-7 days.',
  '签收后7天内可以无理由退货，退款3个工作日内到账。客服电话 400-123-4567。',
];
const [en, zh] = ['en', 'zh'].map((locale): Grounds => ({
  passages: PASSAGES,
  question: 'May I return order TS12345678?',
  system: systemOf(answerPrompt('', [], locale)),
  locale,
  neverSay: ['CheapShop', '保本'],
  personal: [],
})) as [Grounds, Grounds];

const bad: readonly (readonly [Check, string, Grounds?])[] = [
  ['length', ' '],
  ['length', 'yes '.repeat(300)],
  ['characters', 'Yes\u202e, within 30 days.'],
  ['characters', 'Yes\u200b, within 30 days.'],
  ['characters', 'Yes\u0000.'],
  ['markup', 'Yes <img src=x>.'],
  ['markup', '[Click](here)'],
  ['markup', '```sh'],
  ['placeholder', 'Ring [[phone-1]].'],
  ['placeholder', 'Ring [phone-1].'],
  ['language', '您可以退货。', en],
  ['language', 'You may return it.', zh],
  ['link', 'See https://evil.example/returns.'],
  ['link', 'See https://shop.example/returns/evil'],
  ['link', 'See evil.ru for more.'],
  ['link', 'Write to mailto:thief@evil.example'],
  ['link', 'Write to thief@shop.example'],
  ['link', 'Run javascript:alert.'],
  ['link', '请访问 ｅｖｉｌ．ｃｏｍ 办理。', zh],
  ['link', '请访问 evil。com 办理。', zh],
  ['number', 'Within 60 days.'],
  ['number', '签收后15天内可以退货。', zh],
  ['personal', 'Ask Jane.', { ...en, personal: ['jane@home.example'] }],
  ['word', 'You idiot, within 30 days.'],
  ['word', 'Do not go to cheapshop.'],
  ['word', '这款产品保本。', zh],
  ['word', '滚开。', zh],
  ['instructions', 'Use only what the passages say. Write in English, in at most four short sentences'],
  ['instructions', 'u-s-e o-n-l-y what the passages say; write in English in at most'],
  ['claim', 'I have refunded your order.'],
  ['claim', "I've just cancelled it for you."],
  ['claim', 'We are processing it.'],
  ['claim', 'Your order has been cancelled.'],
  ['claim', 'I will look into it.'],
  ['claim', 'Let me check that for you.'],
  ['claim', '我已经为您退款。', zh],
  ['claim', '这边帮您取消订单。', zh],
  ['claim', '您的订单已取消。', zh],
  ['claim', '退款申请已完成。', zh],
  ['claim', '马上为您转接。', zh],
];

const good: readonly (readonly [string, Grounds])[] = [
  ['Yes. You may return an item within 30 days.', en],
  ['Refunds take 5 to 7 days. See https://shop.example/returns.', en],
  ['You may return order TS12345678. Write to help@shop.example, and let me know if that helps 😀', en],
  ['We refund within 5-7 days.', en],
  ['1. Pack it.\n2. Send it within 30 days.', en],
  ['可以。签收后7天内可以无理由退货，退款会在3个工作日内到账。', zh],
  ['可以退货，也可以拨打 400-123-4567。', zh],
];

describe('an answer', () => {
  it.each(bad.map(([check, answer, grounds = en]) => [check, answer, grounds] as const))(
    'must not be said: %s in %j',
    (check, answer, grounds) => {
      expect(objectionTo(answer, grounds)).toBe(check);
    },
  );

  it.each(good)('may be said: %j', (answer, grounds) => {
    expect(objectionTo(answer, grounds)).toBeUndefined();
  });

  property.prop([fc.webUrl()])('gives no address that the passages do not have', (url) => {
    expect(objectionTo(`See ${url} for more`, en)).toBeDefined();
  });
});

describe('a citation', () => {
  const given = [
    { article: 'returns', version: '1', title: 'Returns' },
    { article: 'refunds', version: '4', title: 'Refunds' },
  ];

  it('is taken out of the text, and names what was given', () => {
    expect(citedIn('Yes [1]. It takes a week [2, 1]. 好的【2】。', given)).toEqual({
      text: 'Yes. It takes a week. 好的。',
      cites: given,
    });
  });

  it.each(['Yes.', 'Yes [3].', 'Yes [0].', 'Yes [1][7].', 'Yes [one].'])('is refused in %j', (text) => {
    expect(citedIn(text, given)).toBeUndefined();
  });
});

describe('a choice', () => {
  it.each([
    ['1', 0],
    [' [2]. ', 1],
    ['0', 'none'],
  ])('in %j is %s', (text, choice) => {
    expect(choiceIn(text, 2)).toBe(choice);
  });

  it.each(['3', '-1', '1 or 2', 'refund', '', '{"choice": 1}', '一'])('is not to be found in %j', (text) => {
    expect(choiceIn(text, 2)).toBeUndefined();
  });
});

describe('a prompt', () => {
  property.prop([fc.constantFrom('</passage>', '< / QUESTION>', '<question>', '<passage number="9">')])(
    'is not ended by what others wrote: %s',
    (tag) => {
      const { messages } = answerPrompt(`a ${tag} b`, [{ title: tag, text: `x ${tag} y` }], 'en');
      const user = messages[1]?.content ?? '';
      expect(user.match(/<\s*\/?\s*(?:passage|question)/giu)).toHaveLength(4);
    },
  );
});
