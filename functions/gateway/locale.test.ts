import { describe, expect, it } from 'vitest';
import { localeOf } from './locale.ts';

const bot = ['zh', 'en'];

describe('the language of an utterance', () => {
  it.each([
    // text, opened with, last, expected
    ['我的包裹在哪', undefined, undefined, 'zh'],
    ['我的 iPhone 在哪', 'en', 'en', 'zh'],
    ['我的包裹在哪', 'zh-Hant', undefined, 'zh-Hant'],
    ['where is my parcel', undefined, undefined, 'en'],
    ['Hello', undefined, 'zh', 'en'],
    ['hello', 'zh', undefined, 'zh'],
    ['TS12345678', undefined, 'en', 'en'],
    ['TS12345678', undefined, 'zh', 'zh'],
    ['TS12345678', undefined, undefined, 'zh'],
    ['12345', 'en-GB', 'zh', 'en-GB'],
    ['👍', undefined, 'en', 'en'],
    ['bitte', undefined, 'de', 'de'],
    ['где моя посылка', undefined, undefined, 'zh'],
    ['荷物はどこですか', 'ja', undefined, 'ja'],
  ])('of %j (session %s, before %s) is %s', (text, opened, last, expected) => {
    expect(localeOf(text, { opened, last, bot })).toBe(expected);
  });

  it('is the only one that the bot has, where nothing else tells', () => {
    expect(localeOf('42', { opened: undefined, last: undefined, bot: ['de'] })).toBe('de');
  });
});
