import { fc, it as property } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { mask } from './mask.ts';
import { personalFinder } from './personal.ts';

const find = personalFinder();
const masked = async (text: string, locale: string) => mask([text], await find(text, locale)).texts[0];

const around = fc.constantFrom('', ' ', 'ring ', '，', '我是', ' please', '😀 ', '[[phone-1]]');
const phone = fc.stringMatching(/^1[3-9]\d{9}$/u);
const email = fc.stringMatching(/^[a-z]{1,8}@[a-z]{1,8}\.com$/u);

describe('what is personal in a text', () => {
  it.each([
    ['zh', '我的电话是13812345678，邮箱 jane@home.example', '我的电话是[[phone-1]]，邮箱 [[email-2]]'],
    ['zh', '寄到深圳市南山区科技园路15号', '寄到[[address-1]]'],
    ['en', 'card 4111 1111 1111 1111, call (555) 012-3456', 'card [[card-1]], call ([[number-2]]'],
    ['en', 'order TS12345678 from 2 days ago', 'order TS[[number-1]] from 2 days ago'],
    ['en', 'may I return it within 30 days?', 'may I return it within 30 days?'],
  ])('is found in %s: %s', async (locale, text, expected) => {
    expect(await masked(text, locale)).toBe(expected);
  });

  it('is found however much of it there is', async () => {
    const addresses = Array.from({ length: 40 }, (_, i) => `jane${i}@home.example`);
    expect(await masked(addresses.join(', '), 'zh')).not.toContain('@');
  });

  property.prop([
    fc.array(fc.tuple(around, fc.oneof(phone, email), around), { maxLength: 4 }),
    fc.constantFrom('zh', 'en'),
  ])('does not leave', async (parts, locale) => {
    const text = parts.map(([before, value, after]) => `${before} ${value} ${after}`).join(' ');
    const sent = (await masked(text, locale)) ?? '';
    for (const [, value] of parts) expect(sent).not.toContain(value);
  });
});
