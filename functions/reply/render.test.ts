import { describe, expect, it } from 'vitest';
import type { Bot, ResponseVariant } from '../../shared/bot/bot.ts';
import { testBot } from '../../shared/testing/bot.ts';
import { render } from './render.ts';

const variant = (text: string, more: Partial<ResponseVariant> = {}): ResponseVariant => ({
  locale: 'en',
  text,
  buttons: [],
  ...more,
});
const bot: Bot = {
  ...testBot,
  responses: {
    ...testBot.responses,
    utter_status: [
      variant('Any.'),
      variant('For the phone.', { channel: 'phone' }),
      variant('Paid.', { condition: { paid: 'true' } }),
      variant('已付款。', { locale: 'zh', condition: { paid: 'true' } }),
    ],
    utter_only_phone: [variant('For the phone.', { channel: 'phone' })],
    utter_option_greet: [variant('Say hello'), variant('打招呼', { locale: 'zh' })],
  },
};
const text = (response: string, slots: Record<string, string> = {}, to = { locale: 'en', channel: 'web' }) =>
  render(bot, { response, slots }, to).map((message) => message.text);

describe('a response', () => {
  it('is said in the variant that fits the channel and what is known, the closest first', () => {
    expect(text('utter_status')).toEqual(['Any.']);
    expect(text('utter_status', { paid: 'true' })).toEqual(['Paid.']);
    expect(text('utter_status', {}, { locale: 'en', channel: 'phone' })).toEqual(['For the phone.']);
    expect(text('utter_status', { paid: 'true' }, { locale: 'zh-Hans', channel: 'web' })).toEqual(['已付款。']);
  });

  it('falls back to another language before it says nothing, and says nothing that is not for the channel', () => {
    expect(text('utter_status', {}, { locale: 'zh', channel: 'web' })).toEqual(['Any.']);
    expect(text('utter_only_phone')).toEqual([]);
    expect(text('utter_nowhere')).toEqual([]);
  });

  it('comes from the platform where the bot has no words for it', () => {
    expect(text('utter_restarted', {}, { locale: 'zh', channel: 'web' })).toEqual([
      '好的，我们重新开始。请问您想办理什么？',
    ]);
  });

  it('shows intents as buttons, in the bot’s words or with an example', () => {
    const options = ['greet', 'track_parcel'];
    const [message] = render(bot, { response: 'utter_clarify', slots: {}, options }, { locale: 'zh' });
    expect(message?.buttons).toEqual([
      { title: '打招呼', payload: '/greet' },
      { title: '我的包裹在哪', payload: '/track_parcel' },
    ]);
  });
});
