import type { BotText } from './assemble.ts';

/** The files of a little bot, right in every way, for tests to change. */
export const FILES = {
  bot: `name: little
locales: [en, zh]
threshold: 0.6
misses_before_handoff: 2
remind_after: 90s
`,
  domain: `version: "3.1"
intents:
  - greet
  - track
entities:
  - order_number
  - carrier
slots:
  order_number:
    type: text
    mappings:
      - type: from_entity
        entity: order_number
responses:
  utter_greet:
    - text: Hello!
      buttons:
        - title: Track
          payload: /track
    - text: 你好!
      metadata: { language: zh }
  utter_ask_order_number:
    - text: Which order?
  utter_track:
    - text: "{order_number} is on its way."
  utter_handoff:
    - text: One moment.
  utter_default:
    - text: Pardon?
`,
  flows: `flows:
  greet:
    nlu_trigger:
      - intent: greet
    steps:
      - action: utter_greet
      - action: action_human_handoff
  track:
    description: Where is it?
    nlu_trigger:
      - intent: track
    steps:
      - collect: order_number
      - action: utter_track
`,
  nlu: `nlu:
  - intent: greet
    examples: |
      - hi
      - hello there
  - intent: greet
    metadata:
      language: zh
    examples: |
      - 你好
  - intent: track
    examples: |
      - where is [TS1234](order_number)
      - is it with [the yellow ones]{"entity": "carrier", "value": "DHL"}
  - regex: order_number
    examples: |
      - \\bTS\\d{4}\\b
  - lookup: carrier
    examples: |
      - DHL
  - synonym: DHL
    examples: |
      - 敦豪
`,
};
/** Which file. */
export type Kind = keyof typeof FILES;

/** Some of the files in another version. */
export type Change = Partial<typeof FILES>;

/** The little bot's files as the loader would hand them over. */
export function textsOf(changed: Change = {}): readonly BotText[] {
  return Object.entries({ ...FILES, ...changed }).map(([kind, text]) => ({
    kind: kind as Kind,
    file: `${kind}.yml`,
    text,
  }));
}

/** One file with one thing replaced, which must be there. */
export function edited(kind: Kind, from: string, to: string): Change {
  if (!FILES[kind].includes(from)) throw new Error(`${kind} does not contain ${from}`);
  return { [kind]: FILES[kind].replace(from, to) };
}
