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
    // Switched in mid-session, both ways; a page that named a language is left only for Chinese.
    ['I would rather talk in English', undefined, 'zh', 'en'],
    ['还是说中文吧', undefined, 'en', 'zh'],
    ['还是说中文吧', 'en', 'en', 'zh'],
    ['I would rather talk in English', 'zh', 'zh', 'zh'],
    // Mixed: the sentence's own language, and where that is English, no change.
    ['我想 cancel 我的 order', undefined, 'en', 'zh'],
    ['what does 退款 mean', undefined, 'en', 'en'],
    ['what does 退款 mean', undefined, 'zh', 'zh'],
    ['what does 退款 mean please', 'en', undefined, 'en'],
    ['what does 退款 mean', undefined, undefined, 'zh'],
    // Telling nothing.
    ['ok', undefined, 'zh', 'zh'],
    ['OK!', undefined, 'zh', 'zh'],
    ['好的', undefined, 'en', 'zh'],
    ['😀👍🏽', undefined, 'zh', 'zh'],
    ['😀👍🏽', undefined, 'en', 'en'],
    ['13800138000', undefined, 'en', 'en'],
    ['２０２６', undefined, 'zh', 'zh'],
    ['?!…', undefined, 'zh', 'zh'],
    ['\ud83d', undefined, 'en', 'en'],
    ['', undefined, 'en', 'en'],
  ])('of %j (session %s, before %s) is %s', (text, opened, last, expected) => {
    expect(localeOf(text, { opened, last, bot })).toBe(expected);
  });

  it('is the only one that the bot has, where nothing else tells', () => {
    expect(localeOf('42', { opened: undefined, last: undefined, bot: ['de'] })).toBe('de');
  });
});
