import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { withoutDenied } from './denied.ts';
import { languageOf } from './language.ts';
import { MOST_READ, plainText, wordsOf } from './plain.ts';
import { simplified } from './simplified.ts';

describe('a plain text', () => {
  it.each([
    ['WHERE is my Parcel', 'where is my parcel'],
    ['ｗｈｅｒｅ　ｉｓ　１２', 'where is 12'],
    ["where's / where’s", 'wheres / wheres'],
    ['我要退貨，訂單還沒到', '我要退货,订单还没到'],
    ['order TS12345678', 'order  0000 '],
    ['my number 1234 5678', 'my number  0000 '],
    ['in 3 days', 'in 3 days'],
    ['a\ud800b', 'a\ufffdb'],
  ])('of %j is %j', (text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  test.prop([fc.string({ unit: 'binary', maxLength: 300 })])('comes out the same when it is read again', (text) => {
    expect(wordsOf(plainText(plainText(text)))).toBe(wordsOf(plainText(text)));
  });

  it.each(['a', 'ﷺ', '0 ', '\ud83d', '１', 'İ'])('of 10,000 %j is bounded', (text) => {
    expect(plainText(text.repeat(10_000)).length).toBeLessThanOrEqual(MOST_READ * 3);
  });
});

describe('traditional characters', () => {
  it('become simplified, one for one', () => {
    expect(simplified('請問這個訂單什麼時候發貨？')).toBe('请问这个订单什么时候发货？');
    expect(simplified('where 😀')).toBe('where 😀');
  });

  test.prop([fc.string({ unit: 'grapheme' })])('leave the length and what is simplified as they are', (text) => {
    const once = simplified(text);
    expect(once.length).toBe(text.length);
    expect(simplified(once)).toBe(once);
  });
});

describe('the language', () => {
  it.each([
    ['where is my parcel', 'en'],
    ['ok', 'en'],
    ['Wo ist mein Paket?', 'en'],
    ['ｗｈｅｒｅ', 'en'],
    ['我的包裹到哪了', 'zh'],
    ['訂單 TS12345678 還沒到', 'zh'],
    ['我的 iphone 屏幕碎了怎么办', 'zh'],
    ['帮我 cancel 一下 order', 'mixed'],
    ['请 refund 我的 money thanks', 'mixed'],
    ['退款 please', 'mixed'],
    ['где моя посылка', 'unknown'],
    ['荷物はどこですか', 'unknown'],
    ['20314455', 'unknown'],
    ['😀', 'unknown'],
    ['', 'unknown'],
  ])('of %j is %s', (text, language) => {
    expect(languageOf(text)).toBe(language);
  });

  test.prop([fc.string({ unit: 'binary' })])('is found in any text', (text) => {
    expect(['zh', 'en', 'mixed', 'unknown']).toContain(languageOf(text));
  });
});

describe('what is not wanted', () => {
  it.each([
    ['不用换货了，直接退钱吧', '直接退钱吧'],
    ['我不要退款，給我換一個', '我給我換一個'],
    ['别取消订单，改个地址就行', '改个地址就行'],
    ["don't cancel the order, just change the size", 'just change the size'],
    ["I don't want a refund, I want a bigger one", 'I want a bigger one'],
    ['no exchange please, just my money', 'just my money'],
  ])('is left out of %j', (text, left) => {
    expect(withoutDenied(text)).toBe(left);
  });

  it.each([
    '不用了，谢谢',
    '别急，慢慢来',
    '系统识别错了，改一下',
    '我不要了，退',
    '不是我买的，帮我查查',
    "I don't live in the UK. Can I still get a card?",
    'no invoice in the box, can you email me one',
    'no thanks',
    '',
  ])('is all that %j says, or is not meant: it stays', (text) => {
    expect(withoutDenied(text)).toBe(text);
  });

  test.prop([fc.string({ unit: 'binary' })])('is looked for in any text, and what is left was in it', (text) => {
    expect(text.endsWith(withoutDenied(text).slice(-3))).toBe(true);
  });
});
