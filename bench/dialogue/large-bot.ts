import type { BotText } from '../../shared/bot/assemble.ts';

const times = <T>(n: number, make: (i: number) => T): readonly T[] => Array.from({ length: n }, (_, i) => make(i));

const flow = (i: number, intents: readonly string[]): string => `  flow_${i}:
    nlu_trigger: [${intents.map((intent) => `{ intent: ${intent} }`).join(', ')}]
    steps:
      - collect: order_number
      - collect: amount_${i}
        rejections:
          - if: not (slots.amount_${i} > 0 and slots.amount_${i} <= 1000)
            utter: utter_said
        next:
          - if: slots.amount_${i} >= 100 and slots.order_number matches "^TS\\d{8}$"
            then: [{ action: action_check, next: [{ if: outcome.failed, then: END }, { else: thanks }] }]
          - else: thanks
      - id: thanks
        action: utter_said
`;

/** The files of a bot of that many flows and intents, with 20 examples for each intent. */
export function largeBot(flows: number, intents: number): readonly BotText[] {
  const names = times(intents, (i) => `intent_${i}`);
  const bot = 'name: large\nlocales: [en]\nthreshold: 0.6\nmisses_before_handoff: 3\n';
  const domain = `intents: [${names.join(', ')}]
entities: [order_number]
slots:
  order_number: { type: text }
${times(flows, (i) => `  amount_${i}: { type: float }`).join('\n')}
actions: [action_check]
responses:
  utter_default: [{ text: Pardon? }]
  utter_handoff: [{ text: One moment. }]
  utter_said: [{ text: "Noted for {order_number}." }]
  utter_ask_order_number: [{ text: Which order? }]
${times(flows, (i) => `  utter_ask_amount_${i}: [{ text: "How much for {order_number}?" }]`).join('\n')}
`;
  const text = times(flows, (i) =>
    flow(
      i,
      names.filter((_, n) => n % flows === i),
    ),
  ).join('');
  const nlu = names.map(
    (name, i) =>
      `  - intent: ${name}\n    examples: |\n${times(20, (n) => `      - please help me with matter ${i} in way ${n}\n`).join('')}`,
  );
  const regex = '  - regex: order_number\n    examples: |\n      - \\bTS\\d{8}\\b\n';
  return [
    { kind: 'bot', file: 'bot.yml', text: bot },
    { kind: 'domain', file: 'domain.yml', text: domain },
    { kind: 'flows', file: 'flows.yml', text: `flows:\n${text}` },
    { kind: 'nlu', file: 'nlu.yml', text: `nlu:\n${nlu.join('')}${regex}` },
  ];
}
