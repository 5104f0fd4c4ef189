import { assembleBot } from '../../../shared/bot/assemble.ts';
import type { Bot } from '../../../shared/bot/bot.ts';
import { describeIssue } from '../../../shared/bot/error.ts';

const BOT = `name: desk
locales: [en, zh]
threshold: 0.6
misses_before_handoff: 3
remind_after: 60s
close_after: 30m
hand_over_after: 5m
action_timeout: 4s
clarify_within: 0.1
second_intent: 0.4
`;

const INTENTS = [
  ...['greet', 'thank', 'goodbye', 'human', 'affirm', 'deny'],
  ...['track', 'refund', 'invoice', 'order_status', 'speak_english', 'satisfied'],
  ...['cancel_flow', 'restart', 'repeat', 'correct', 'note'],
];

const say = (name: string, en: string, zh: string): string =>
  `  ${name}:\n    - text: "${en}"\n      metadata: { language: en }\n    - text: "${zh}"\n      metadata: { language: zh }\n`;

const DOMAIN = `version: "3.1"
intents: [${INTENTS.join(', ')}]
entities: [order_number, amount, city]
slots:
  order_number: { type: text, mappings: [{ type: from_entity, entity: order_number }] }
  amount: { type: float, mappings: [{ type: from_entity, entity: amount }, { type: from_text }] }
  size: { type: categorical, values: [S, M, L], mappings: [{ type: from_text }] }
  sure: { type: bool }
  city: { type: text }
  note: { type: text, mappings: [{ type: from_text }] }
  status: { type: text, mappings: [{ type: controlled }] }
actions: [action_refund, action_order_status]
responses:
${[
  say('utter_default', 'Pardon?', '没听懂。'),
  say('utter_handoff', 'A colleague takes over.', '转人工。'),
  say('utter_greet', 'Hello!', '您好！'),
  say('utter_welcome_back', 'Good to see you again!', '又见面了！'),
  say('utter_thank', 'You are welcome.', '不客气。'),
  say('utter_goodbye', 'Bye!', '再见！'),
  say('utter_ask_order_number', 'Which order?', '哪个订单？'),
  say('utter_bad_order', '{order_number} is not an order number.', '{order_number} 不是订单号。'),
  say('utter_track', 'Parcel {order_number} is on its way.', '包裹 {order_number} 在路上。'),
  say('utter_ask_amount', 'How much?', '多少钱？'),
  say('utter_too_much', '{amount} is too much.', '{amount} 太多了。'),
  say('utter_ask_sure', 'Refund {amount} for {order_number}?', '给 {order_number} 退 {amount} 元？'),
  say('utter_refunded', 'Refunded {amount}.', '已退 {amount} 元。'),
  say('utter_refund_failed', 'The refund failed: ask again later.', '退款没成功，请稍后再试。'),
  say('utter_not_refunded', 'Nothing was refunded.', '没有退款。'),
  say('utter_status', 'It is {status}.', '状态：{status}。'),
  say('utter_invoice', 'The invoice for {order_number} to {city}.', '{order_number} 的发票寄到{city}。'),
  say('utter_ask_city', 'Which city?', '哪个城市？'),
  say('utter_english', 'Let us speak English.', '我们说英语。'),
  say('utter_ask_note', 'What shall I write down?', '要记什么？'),
  say('utter_noted', 'Noted: {note}', '记下了：{note}'),
  say('utter_option_track', 'Track a parcel', '查物流'),
  say('utter_option_refund', 'Get a refund', '退款'),
].join('')}`;

const says = (flow: string, intent = flow, response = flow): string =>
  `  ${flow}:\n    nlu_trigger: [{ intent: ${intent} }]\n    steps: [{ action: utter_${response} }]\n`;

const FLOWS = `flows:
${says('greet')}${says('thank')}
  goodbye:
    nlu_trigger: [{ intent: goodbye }]
    steps: [{ action: utter_goodbye }, { action: action_close_session }]
  human:
    nlu_trigger: [{ intent: human }]
    steps: [{ action: utter_handoff }, { action: action_human_handoff, skill: orders, priority: high }]
  order:
    steps:
      - collect: order_number
        rejections:
          - if: not (slots.order_number matches "^TS\\d{4}$")
            utter: utter_bad_order
  track:
    name: tracking
    nlu_trigger: [{ intent: track }]
    steps:
      - call: order
      - action: utter_track
  refund:
    nlu_trigger: [{ intent: refund }]
    steps:
      - collect: order_number
      - collect: amount
        rejections:
          - if: slots.amount > 100
            utter: utter_too_much
      - collect: sure
        ask_before_filling: true
        next:
          - if: slots.sure
            then:
              - action: action_refund
                next:
                  - if: outcome.failed
                    then: [{ action: utter_refund_failed }]
                  - else: [{ action: utter_refunded }]
          - else:
              - action: utter_not_refunded
  order_status:
    nlu_trigger: [{ intent: order_status }]
    steps:
      - collect: order_number
      - action: action_order_status
      - action: utter_status
  invoice:
    nlu_trigger: [{ intent: invoice }]
    steps:
      - collect: order_number
      - collect: city
      - action: utter_invoice
  speak_english:
    nlu_trigger: [{ intent: speak_english }]
    steps: [{ set_slots: [{ language: en }] }, { action: utter_english }]
  satisfied:
    nlu_trigger: [{ intent: satisfied }]
    steps: [{ link: pattern_satisfaction }]
  note:
    nlu_trigger: [{ intent: note }]
    steps: [{ collect: note }, { action: utter_noted }]
`;

const NLU = `nlu:
${INTENTS.map((intent) => `  - intent: ${intent}\n    examples: |\n      - ${intent.replaceAll('_', ' ')}\n`).join('')}
  - regex: order_number
    examples: |
      - \\bTS\\d{4}\\b
  - regex: amount
    examples: |
      - \\b\\d{1,4}\\b
  - lookup: city
    examples: |
      - Berlin
`;

/** The files of a bot that has everything that the policy can do, in Chinese and English. */
export const DESK_FILES = { bot: BOT, domain: DOMAIN, flows: FLOWS, nlu: NLU };

/** That bot; `changed` replaces some of its files. */
export function deskBot(changed: Partial<typeof DESK_FILES> = {}): Bot {
  const texts = Object.entries({ ...DESK_FILES, ...changed }).map(([kind, text]) => ({
    kind: kind as keyof typeof DESK_FILES,
    file: `${kind}.yml`,
    text,
  }));
  const bot = assembleBot(texts);
  if ('hash' in bot) return bot;
  throw new Error(bot.map(describeIssue).join('\n'));
}
