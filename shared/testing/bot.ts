import type { Bot } from '../bot/bot.ts';

const say = (en: string, zh: string) => [
  { locale: 'zh', text: zh, buttons: [] },
  { locale: 'en', text: en, buttons: [] },
];

/** A small bot for tests that are not about a particular bot. */
export const testBot: Bot = {
  name: 'test-bot',
  hash: '0123456789abcdef0123456789abcdef',
  locales: ['zh', 'en'],
  intents: [
    {
      name: 'greet',
      examples: [
        { locale: 'en', text: 'hello' },
        { locale: 'zh', text: '你好' },
      ],
    },
    {
      name: 'track_parcel',
      examples: [
        { locale: 'en', text: 'where is my parcel' },
        { locale: 'zh', text: '我的包裹在哪' },
      ],
    },
    {
      name: 'human',
      examples: [
        { locale: 'en', text: 'a human please' },
        { locale: 'zh', text: '转人工' },
      ],
    },
    {
      name: 'goodbye',
      examples: [
        { locale: 'en', text: 'bye' },
        { locale: 'zh', text: '再见' },
      ],
    },
  ],
  entities: [{ name: 'order_number', patterns: ['\\b(TS\\d{8})\\b'], words: [] }],
  slots: [{ name: 'order_number', type: 'text', fill: [{ from: 'entity', entity: 'order_number' }] }],
  flows: [
    { id: 'greet', intents: ['greet'], steps: [{ id: '1', kind: 'say', response: 'utter_greet', next: [] }] },
    {
      id: 'track_parcel',
      intents: ['track_parcel'],
      steps: [
        { id: '1', kind: 'collect', slot: 'order_number', ask: 'utter_ask_order_number', next: [{ to: '2' }] },
        { id: '2', kind: 'say', response: 'utter_track_parcel', next: [] },
      ],
    },
    {
      id: 'human',
      intents: ['human'],
      steps: [
        { id: '1', kind: 'say', response: 'utter_handoff', next: [{ to: '2' }] },
        { id: '2', kind: 'action', action: 'action_human_handoff', next: [] },
      ],
    },
    {
      id: 'goodbye',
      intents: ['goodbye'],
      steps: [
        { id: '1', kind: 'say', response: 'utter_goodbye', next: [{ to: '2' }] },
        { id: '2', kind: 'action', action: 'action_close_session', next: [] },
      ],
    },
  ],
  responses: {
    utter_greet: say('Hello!', '您好！'),
    utter_ask_order_number: say('What is your order number?', '请问您的订单号是多少？'),
    utter_track_parcel: say('Parcel {order_number} is on its way.', '包裹 {order_number} 正在路上。'),
    utter_handoff: say('A colleague takes over.', '正在为您转接人工。'),
    utter_goodbye: say('Bye!', '再见！'),
    utter_default: say('Could you say that differently?', '能换个说法吗？'),
  },
  settings: { threshold: 0.5, missesBeforeHandOff: 2 },
};
