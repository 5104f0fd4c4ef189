import { describe, expect, it } from 'vitest';
import { assembleBot } from './assemble.ts';
import { DEFAULT_FLOWS, DEFAULT_SLOTS } from './defaults/flows.ts';
import { DEFAULT_RESPONSES } from './defaults/responses.ts';
import { describeIssue } from './error.ts';
import { graphProblems } from './flow-graph.ts';
import { FILES, textsOf } from './little-bot.ts';

/** The little bot with more flows; how often it complains, and about what. */
function read(flows: string, domain = FILES.domain) {
  const result = assembleBot(textsOf({ flows: `${FILES.flows}${flows}`, domain }));
  return 'hash' in result ? { bot: result, complaints: [] } : { complaints: result.map(describeIssue) };
}
const complaints = (flows: string): readonly string[] => read(flows).complaints;
const flow = (steps: string): string => `  other:\n    steps:\n${steps}`;

describe('a flow', () => {
  it('has branches with steps of their own, which end or lead on', () => {
    const { bot } = read(
      flow(`      - collect: order_number
        ask_before_filling: true
        rejections:
          - { if: slots.order_number contains "X", utter: utter_default }
        next:
          - if: slots.order_number == "1"
            then:
              - set_slots: [{ order_number: null }]
                next: END
          - else: last
      - id: last
        call: track
      - link: greet
`),
    );
    expect(bot?.flows.find(({ id }) => id === 'other')?.steps).toEqual([
      {
        id: '0_collect_order_number',
        kind: 'collect',
        slot: 'order_number',
        ask: 'utter_ask_order_number',
        askFirst: true,
        rejections: [{ when: 'slots.order_number contains "X"', say: 'utter_default' }],
        next: [{ when: 'slots.order_number == "1"', to: '3_set_slots' }, { to: 'last' }],
      },
      { id: '3_set_slots', kind: 'set', values: [{ slot: 'order_number', value: null }], next: [{ to: 'END' }] },
      { id: 'last', kind: 'call', flow: 'track', next: [{ to: '2_link_greet' }] },
      { id: '2_link_greet', kind: 'link', flow: 'greet', next: [] },
    ]);
  });

  it.each([
    [
      'goes round without asking',
      `      - id: a\n        noop: true\n        next: [{ if: slots.order_number, then: a }, { else: END }]\n`,
      'flows.yml:17:9 these steps go round for ever without asking anything',
    ],
    [
      'has no end',
      `      - id: a\n        collect: order_number\n        next: a\n`,
      'flows.yml:17:9 no way leads from this step to an end of the flow',
    ],
    [
      'has a step that nothing leads to',
      `      - action: utter_track\n        next: END\n      - action: utter_greet\n`,
      'flows.yml:19:9 nothing leads to this step',
    ],
    ['calls itself', `      - call: other\n`, 'flows.yml:17:9 flow other calls itself'],
    [
      'leads to no step',
      `      - action: utter_track\n        next: lats\n      - id: last\n        noop: true\n`,
      'flows.yml:18:15 unknown step lats (did you mean last?)',
    ],
    ['links to no flow', `      - link: gret\n`, 'flows.yml:17:15 unknown flow gret (did you mean greet?)'],
    ['sets no slot', `      - set_slots: [{ order: 1 }]\n`, 'flows.yml:17:23 unknown slot order'],
    [
      'is two steps in one',
      `      - noop: true\n        link: greet\n`,
      'flows.yml:17:9 a step is one of collect, action, set_slots, link, call, noop',
    ],
    [
      'names a step twice',
      `      - id: a\n        noop: true\n      - id: a\n        noop: true\n`,
      'flows.yml:19:13 a is already the id of a step',
    ],
    [
      'asks for what is nowhere',
      `      - noop: true\n        next: [{ if: slots.order = 1, then: END }]\n`,
      'flows.yml:18:22 unknown name slots.order in a condition',
    ],
    [
      'has half a condition',
      `      - noop: true\n        next: [{ if: slots.order_number and, then: END }]\n`,
      'flows.yml:18:44 expected a value, not the end, at 1:23 of the condition',
    ],
    [
      'has else in the middle',
      `      - noop: true\n        next: [{ else: END }, { if: slots.order_number, then: END }]\n`,
      'flows.yml:18:16 else is the last branch',
    ],
    [
      'asks for an action that nobody does',
      `      - action: action_refund\n`,
      'flows.yml:17:17 unknown action action_refund',
    ],
    [
      'is named like a pattern that there is not',
      `      - noop: true\n  pattern_cancel:\n    steps: [{ noop: true }]\n`,
      'flows.yml:18:3 unknown pattern pattern_cancel',
    ],
  ])('that %s is refused', (_, steps, expected) => {
    expect(complaints(flow(steps)).map((it) => it.slice(0, expected.length))).toContain(expected);
  });

  it('may go round where it asks', () => {
    const steps = `      - id: a\n        collect: order_number\n        next: [{ if: slots.order_number, then: a }, { else: END }]\n`;
    expect(complaints(flow(steps))).toEqual([]);
  });

  it('that links in a circle over several flows is refused', () => {
    const circle = `  one:\n    steps: [{ action: utter_greet }, { link: two }]\n  two:\n    steps: [{ link: one }]\n`;
    expect(complaints(circle)[0]).toContain('these steps go round for ever without asking anything');
  });

  it('that nests as deep as YAML allows is read or refused, and nothing breaks', () => {
    let steps = 'END';
    for (let i = 0; i < 60; i++) steps = `[{ noop: true, next: [{ else: ${steps} }] }]`;
    expect(complaints(`  other:\n    steps: ${steps}\n`).length).toBeLessThanOrEqual(20);
  });
});

describe('the platform’s own flows', () => {
  it('have no circles, ends everywhere, and say nothing that is not there', () => {
    expect(graphProblems(new Map(DEFAULT_FLOWS.map((it) => [it.id, it])))).toEqual([]);
    const said = DEFAULT_FLOWS.flatMap(({ steps }) =>
      steps.flatMap((s) => (s.kind === 'say' ? [s.response] : s.kind === 'collect' ? [s.ask] : [])),
    );
    expect(said.filter((response) => !Object.hasOwn(DEFAULT_RESPONSES, response))).toEqual([]);
  });

  it('speak both languages', () => {
    for (const variants of Object.values(DEFAULT_RESPONSES)) {
      expect(variants.map(({ locale }) => locale)).toEqual(['en', 'zh']);
    }
    expect(DEFAULT_SLOTS.map(({ name }) => name)).toEqual(['satisfaction', 'language']);
  });
});
