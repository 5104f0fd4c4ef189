import { describe, expect, it } from 'vitest';
import { inspectBot } from './assemble.ts';
import type { Flow } from './bot.ts';
import { describeIssue } from './error.ts';
import { textsOf } from './little-bot.ts';

const BOT = 'name: rasa\nlocales: [en]\nthreshold: 0.5\nmisses_before_handoff: 3\n';
const DOMAIN = `version: "3.1"
intents:
  - greet
  - Book-Table: { use_entities: [] }
  - faq
  - inform
entities: [cuisine]
slots:
  cuisine: { type: text, mappings: [{ type: from_entity, entity: cuisine }] }
  known: { type: bool, mappings: [{ type: custom }] }
forms:
  table_form: { required_slots: [cuisine] }
actions: [action_book]
responses:
  utter_default: [{ text: Pardon? }]
  utter_handoff: [{ text: A colleague. }]
  utter_greet: [{ text: Hello! }]
  utter_again: [{ text: You again! }]
  utter_ask_cuisine: [{ text: What kind? }]
  utter_booked: [{ text: Booked. }]
  utter_please_rephrase: [{ text: Once more? }]
  utter_faq/hours: [{ text: From nine to five. }]
  utter_faq/pets: [{ text: Dogs only., image: dog.png }]
`;
const NLU = `nlu:
  - intent: greet
    examples: |
      - hi
  - intent: Book-Table
    examples:
      - text: |
          - a table please
        metadata: { sentiment: neutral }
      - text: a [thai](cuisine) table
  - intent: inform
    examples: |
      - thai
  - intent: faq/hours
    examples: |
      - when are you open
  - intent: faq/pets
    examples: |
      - may my dog come in
  - lookup: cuisine
    examples: |
      - thai
`;
const RULES = `rules:
  - rule: greet who is known
    condition: [{ slot_was_set: [{ known: true }] }]
    steps: [{ intent: greet }, { action: utter_again }]
  - rule: greet
    steps: [{ intent: greet }, { action: utter_greet }, { action: action_listen }]
  - rule: book
    steps: [{ intent: Book-Table }, { action: table_form }, { active_loop: table_form }]
  - rule: booked
    condition: [{ active_loop: table_form }]
    steps:
      - action: table_form
      - active_loop: null
      - slot_was_set: [{ requested_slot: null }]
      - action: action_book
      - action: utter_booked
  - rule: faq
    steps: [{ intent: faq }, { action: utter_faq }]
  - rule: rephrase
    steps: [{ intent: nlu_fallback }, { action: utter_please_rephrase }]
`;

const read = (changed: { readonly rules?: string; readonly domain?: string } = {}) =>
  inspectBot([
    ...textsOf({ bot: BOT, domain: changed.domain ?? DOMAIN, nlu: NLU }).filter(({ kind }) => kind !== 'flows'),
    { kind: 'rules', file: 'rules.yml', text: changed.rules ?? RULES },
  ]);
const told = ({ steps }: Flow) =>
  steps.map((step) => [
    step.kind === 'say'
      ? step.response
      : step.kind === 'action'
        ? step.action
        : step.kind === 'call'
          ? step.flow
          : step.kind,
    ...step.next.map(({ when, to }) => (when === undefined ? to : `${when}: ${to}`)),
  ]);

describe("Rasa's rules", () => {
  it('are flows, one for each intent, conditions first', () => {
    const { bot, issues } = read();
    expect(issues.map(describeIssue)).toEqual([]);
    const flow = (id: string) => {
      const found = bot?.flows.find((it) => it.id === id);
      return found && { intents: found.intents, steps: told(found) };
    };
    expect(flow('greet')).toEqual({
      intents: ['greet'],
      steps: [['noop', 'slots.known is true: 2', '3'], ['utter_again'], ['utter_greet']],
    });
    expect(flow('Book-Table')).toEqual({
      intents: ['Book-Table'],
      steps: [['noop', '2'], ['table_form', '3'], ['action_book', '4'], ['utter_booked']],
    });
    expect(flow('table_form')).toEqual({ intents: [], steps: [['collect', 'END']] });
    expect(flow('faq-pets')).toEqual({ intents: ['faq/pets'], steps: [['noop', '2'], ['utter_faq/pets']] });
    expect(flow('pattern_cannot_handle')).toEqual({ intents: [], steps: [['noop', '2'], ['utter_please_rephrase']] });
    expect(bot?.intents.map(({ name }) => name)).toEqual(['Book-Table', 'faq/hours', 'faq/pets', 'greet', 'inform']);
  });

  it('are not needed where a retrieval intent has responses of its own', () => {
    const { bot } = read({ rules: RULES.replace('{ intent: faq }, { action: utter_faq }', '{ intent: inform }') });
    expect(bot?.flows.find(({ id }) => id === 'faq-hours')).toMatchObject({
      intents: ['faq/hours'],
      steps: [{ response: 'utter_faq/hours' }],
    });
  });

  it('tell what is understood and not run, and where', () => {
    const { warnings } = read({
      rules: `${RULES}stories:\n  - story: s\n    steps: [{ intent: greet }]\n`.replace(
        '{ action: action_listen }]',
        '{ action: action_listen }, { intent: inform }]',
      ),
    });
    expect(warnings.map(describeIssue)).toEqual([
      'domain.yml:10:43 custom mappings are not run (let an action of a flow set the slot)',
      'domain.yml:23:40 image is not shown',
      'rules.yml:22:12 a story is not run (write a flow, or a rule for what always follows an intent)',
      'rules.yml:6:84 a rule of several turns is run up to here (write a flow that collects the answer)',
      'domain.yml:6:5 no flow answers intent inform',
    ]);
  });

  it.each([
    [
      'intent: greet }, { action: utter_greet',
      'intent: gret }, { action: utter_greet',
      'rules.yml:6:23 unknown intent gret (did you mean greet?)',
    ],
    ['utter_again', 'utter_agin', 'rules.yml:4:42 unknown response utter_agin (did you mean utter_again?)'],
    [
      'action: action_book',
      'action: action_bok',
      'rules.yml:15:17 unknown action action_bok (did you mean action_book?)',
    ],
    ['known: true', 'knwn: true', 'rules.yml:3:17 unknown slot knwn (did you mean known?)'],
    ['{ intent: faq }', '{ intent: greet }', 'rules.yml:18:13 intent greet already has a rule'],
    ['rule: greet\n', 'rul: greet\n', 'rules.yml:5:5 unknown key rul (did you mean rule?)'],
  ])('that have %s as %s are told where they are wrong', (from, to, issue) => {
    expect(RULES).toContain(from);
    const { issues } = read({ rules: RULES.replace(from, to) });
    expect(issues.map(describeIssue)).toContain(issue);
  });

  it('refuse in forms and flows what the domain has against a slot', () => {
    const refusing = DOMAIN.replace(
      'cuisine: { type: text,',
      'cuisine: { type: text, validation: { rejections: [{ if: slots.cuisine = "x", utter: utter_again }] },',
    );
    const { bot, issues } = read({ domain: refusing });
    expect(issues).toEqual([]);
    expect(bot?.flows.find(({ id }) => id === 'table_form')?.steps[0]).toMatchObject({
      kind: 'collect',
      rejections: [{ when: 'slots.cuisine = "x"', say: 'utter_again' }],
    });
    const wrong = read({
      domain: refusing.replace('utter: utter_again', 'utter: utter_agin').replace('slots.cuisine =', 'slots.cusine ='),
    });
    expect(wrong.issues.map(describeIssue)).toEqual([
      'domain.yml:9:59 unknown name slots.cusine in a condition (did you mean slots.cuisine?)',
      'domain.yml:9:86 unknown response utter_agin (did you mean utter_again?)',
    ]);
  });

  it('with a form that asks for nothing known', () => {
    const { issues } = read({ domain: DOMAIN.replace('required_slots: [cuisine]', 'required_slots: [cuisne]') });
    expect(issues.map(describeIssue)).toContain('domain.yml:12:34 unknown slot cuisne (did you mean cuisine?)');
  });
});
