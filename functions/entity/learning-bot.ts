import { assembleBot } from '../../shared/bot/assemble.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { describeIssue } from '../../shared/bot/error.ts';

const EN = ['Anna', 'Bob Stone', 'Mary', 'Tom', 'Olga Berg', 'Peter', 'my boss', 'Ann', 'Jim Hall', 'Lucy'];
const ZH = ['王芳', '李雷', '小张', '陈明', '刘洋', '孙丽丽', '门卫', '周杰', '吴老师', '我妈'];

const en = (name: string) => [
  `please leave my parcel with [${name}](recipient)`,
  `[${name}](recipient) will take the parcel`,
  `give it to [${name}](recipient) please`,
  `hand the parcel to [${name}](recipient)`,
];
const zh = (name: string) => [
  `请把包裹交给[${name}](recipient)`,
  `让[${name}](recipient)帮我收，谢谢`,
  `收件人改成[${name}](recipient)吧`,
  `把快递给[${name}](recipient)就行`,
];
const block = (lines: readonly string[]) => lines.map((line) => `      - ${line}`).join('\n');

/**
 * Files of a bot that hands parcels over, by their names without `.yml`: who takes one is found by nothing but examples
 * that mark so many names in each language.
 */
export const learningFiles = (names = EN.length) =>
  texts({ en: EN.slice(0, names).flatMap(en), zh: ZH.slice(0, names).flatMap(zh) });

const texts = (examples: { readonly en: readonly string[]; readonly zh: readonly string[] }) =>
  ({
    bot: 'name: learning\nlocales: [en, zh]\nthreshold: 0.4\nmisses_before_handoff: 3\n',
    domain: `version: "3.1"
intents: [hand_over, greet]
entities: [recipient, order_number]
slots:
  recipient:
    type: text
    mappings: [{ type: from_entity, entity: recipient }]
responses:
  utter_hello: [{ text: Hello! }]
  utter_ask_recipient: [{ text: To whom? }]
  utter_done:
    - text: "We give it to {recipient}."
    - text: "会交给{recipient}。"
      metadata: { language: zh }
  utter_handoff: [{ text: One moment. }]
  utter_default: [{ text: Pardon? }]
`,
    flows: `flows:
  hand_over:
    nlu_trigger: [{ intent: hand_over }]
    steps:
      - collect: recipient
        ask_before_filling: false
      - action: utter_done
  greet:
    nlu_trigger: [{ intent: greet }]
    steps: [{ action: utter_hello }]
`,
    nlu: `nlu:
  - intent: hand_over
    examples: |
${block(examples.en)}
  - intent: hand_over
    metadata: { language: zh }
    examples: |
${block(examples.zh)}
  - intent: greet
    examples: |
      - hello
      - good morning to you
      - is anybody there
      - what can you do for me
      - 你好
      - 早上好啊
      - 有人在吗
  - regex: order_number
    examples: |
      - \\bTS\\d{4}\\b
`,
  }) as const;

/** The bot of these files; what is wrong with it otherwise. */
export function learningBot(names?: number): Bot | readonly string[] {
  const files = Object.entries(learningFiles(names));
  const read = assembleBot(files.map(([kind, text]) => ({ kind: kind as never, file: `${kind}.yml`, text })));
  return 'hash' in read ? read : read.map(describeIssue);
}
