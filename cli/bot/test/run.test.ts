import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBot } from '../../../shared/bot/load.ts';
import { writeBot } from './bot.fixture.ts';
import { converse } from './conversation.ts';
import { readTests } from './read.ts';
import { runTest, type Result } from './run.ts';
import { subjectOf, type Subject } from './subject.ts';

const RIGHT = `
fixtures:
  - known:
      - order_number: TS0001
      - mocked_datetime: "2026-03-01T09:00:00+08:00"
metadata:
  - by_phone: { channel: voice, locale: en, os: linux }
stub_custom_actions:
  action_order_status:
    events:
      - { event: slot, name: status, value: shipped }
  late::action_order_status:
    events:
      - { event: slot, name: status, value: late }
  action_refund:
    fails: timed-out
test_cases:
  - test_case: two messages, of which the second does not wait
    steps:
      - at_once: [where is my parcel, TS0001]
        assertions:
          - bot_uttered: { utter_name: utter_ask_order_number }
          - slot_was_set: [{ name: order_number, value: TS0001 }]
      - bot: Parcel TS0001 is on its way.
  - test_case: values are collected, and what was said before is corrected
    steps:
      - user: where is my parcel
        intent: track
      - utter: utter_ask_order_number
      - slot_was_not_set:
          - order_number
      - user: TS0001
      - slot_was_set:
          - order_number: TS0001
          - order_number
      - slot_was_not_set:
          - order_number: TS0002
      - bot: Parcel TS0001 is on its way.
  - test_case: an action that nobody answers
    metadata: by_phone
    fixtures: known
    steps:
      - user: I want a refund
      - utter: utter_ask_amount
      - user: 20
        assertions:
          - slot_was_set:
              - name: amount
                value: 20.0
          - bot_uttered:
              utter_name: utter_ask_sure
              text_matches: "Refund \\\\d+ for TS0001"
          - bot_did_not_utter: { text_matches: "[Ss]orry" }
      - user: yes
        assertions:
          - action_executed: action_refund
          - flow_completed: refund
          - bot_uttered: { utter_name: utter_refund_failed }
          - generative_response_is_relevant: { threshold: 0.9 }
  - test_case: an action that is done
    fixtures: known
    steps:
      - user: 查询订单状态
        within_ms: 5000
      - slot_was_set:
          - status: shipped
      - bot: 状态：shipped。
  - test_case: late
    fixtures: known
    steps:
      - user: order status please
      - bot: It is late.
  - test_case: silence
    steps:
      - user: track my parcel
      - wait: 59s
      - wait: 1s
      - utter: utter_ask_order_number
      - wait: 30m
      - utter: utter_idle_close
      - user: hello
      - utter: utter_welcome_back
  - test_case: a person takes over
    steps:
      - user: let me talk to a human
      - utter: utter_handoff
      - agent: take
      - agent: { says: Ann here. }
      - bot: Ann here.
      - user: thank god
      - agent: hand-back
      - user: hello
      - utter: utter_greet
  - test_case: a flow that is cancelled
    steps:
      - user: I want a refund
        assertions:
          - flow_started: { operator: any, flow_ids: [refund, track] }
      - user: never mind
        assertions:
          - flow_cancelled: { flow_id: refund }
          - flow_started: pattern_cancel_flow
  - test_case: a pressed button
    steps:
      - user: /track{"order_number":"TS0009"}
      - bot: Parcel TS0009 is on its way.
      - user: xyzzy
        intent: nlu_fallback
stories:
  - story: as Rasa tested before
    steps:
      - user: |
          where is my [parcel](thing)
        intent: track
      - action: utter_ask_order_number
      - intent: goodbye
      - action: utter_goodbye
      - action: action_close_session
`;

let dir: string;
let subject: Subject;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'bot-test-'));
  await writeBot(dir, { 'right.yml': RIGHT });
  subject = await subjectOf(await loadBot(dir), dir);
});
afterAll(() => rm(dir, { recursive: true }));

const told = ({ test, fault, rounds }: Result) => ({
  name: test.name,
  wrong: [
    ...(fault === undefined ? [] : [fault]),
    ...rounds.flatMap((it) => it.differences.map((d) => `${d.expected} <> ${d.came}`)),
  ],
});

describe('a test of a conversation', () => {
  it('passes where the bot answers as it says, with actions, timers and people', async () => {
    const { cases, issues } = await readTests(join(dir, 'tests/right.yml'), dir);
    expect(issues).toEqual([]);
    const results = [];
    for (const test of cases) results.push(await runTest(subject, test));
    expect(results.map(told).filter(({ wrong }) => wrong.length > 0)).toEqual([]);
    expect(results).toHaveLength(10);
  });

  it('comes to the same events, ids and times whenever it is run', async () => {
    const { cases } = await readTests(join(dir, 'tests/right.yml'), dir);
    for (const test of cases.slice(0, 5)) {
      const [one, two] = [await converse(subject, test), await converse(subject, test)];
      for (const conversation of [one, two]) for (const { doing } of test.rounds) await conversation.act(doing);
      expect(one.events.length).toBeGreaterThan(5);
      expect(two.events).toEqual(one.events);
    }
  });

  it.each([
    ['- bot: Hello?', 'bot: Hello?', 'Hello!\n(utter_greet)'],
    ['- utter: utter_thank', 'utter: utter_thank', 'Hello!\n(utter_greet)'],
    ['- slot_was_set: city', 'slot_was_set: city', 'no slot was set'],
    ['  intent: refund', 'intent: refund', 'greet (100 %)'],
    ['  within_ms: 0.001', undefined, undefined],
    ['  assertions: [{ flow_started: refund }]', 'flow_started: refund', 'greet'],
    ['  assertions: [{ flow_completed: track }]', 'flow_completed: track', 'greet'],
    ['  assertions: [{ action_executed: action_refund }]', 'action: action_refund', 'utter_greet'],
    ['  assertions: [{ bot_uttered: { buttons: [{ title: A }] } }]', 'bot_uttered: [A]', 'Hello!\n(utter_greet)'],
    [
      '  assertions: [{ bot_did_not_utter: { text_matches: ell } }]',
      'bot_did_not_utter: /ell/',
      'Hello!\n(utter_greet)',
    ],
    ['  assertions: [{ pattern_clarification_contains: [track] }]', 'pattern_clarification_contains: track', 'nothing'],
  ])('fails over %s, and says what came instead', async (line, expected, came) => {
    await writeBot(dir, { 'wrong.yml': `test_cases:\n- test_case: t\n  steps:\n  - user: hello\n  ${line}\n` });
    const { cases, issues } = await readTests(join(dir, 'tests/wrong.yml'), dir);
    if (expected === undefined) {
      expect(issues.map(({ message }) => message)).toEqual(['at least 1']);
      return;
    }
    const [test] = cases;
    if (!test) throw new Error('there is a test');
    const { passed, rounds } = await runTest(subject, test);
    expect(passed).toBe(false);
    expect(rounds[0]?.differences).toMatchObject([{ expected, came }]);
  });

  it.each([
    ['- slot_was_not_set: order_number', 'slot_was_not_set: order_number', 'order_number = TS0001'],
    [
      '- slot_was_not_set: [{ order_number: TS0001 }]',
      'slot_was_not_set: order_number = TS0001',
      'order_number = TS0001',
    ],
    ['- slot_was_set: [{ order_number: TS0002 }]', 'slot_was_set: order_number = TS0002', 'order_number = TS0001'],
    ['- slot_was_set: [{ order_number: null }]', 'slot_was_set: order_number = nothing', 'order_number = TS0001'],
    ['  assertions: [{ flow_cancelled: track }]', 'flow_cancelled: track', 'nothing'],
    [
      '  assertions: [{ flow_completed: { flow_id: track, flow_step_id: nowhere } }]',
      'flow_completed: track at nowhere',
      'it ended after the step 1_utter_track',
    ],
  ])('fails over %s after a slot was set', async (line, expected, came) => {
    const text = `test_cases:\n- test_case: t\n  steps:\n  - user: '/track{"order_number":"TS0001"}'\n  ${line}\n`;
    await writeBot(dir, { 'wrong.yml': text });
    const { cases } = await readTests(join(dir, 'tests/wrong.yml'), dir);
    const [test] = cases;
    if (!test) throw new Error('there is a test');
    const { rounds } = await runTest(subject, test);
    expect(rounds[0]?.differences).toMatchObject([{ expected, came }]);
  });
});
