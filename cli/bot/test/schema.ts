import * as v from 'valibot';
import { FAILURES } from './case.ts';
import { strict } from '../../../shared/bot/strict.ts';

const text = v.pipe(v.string(), v.nonEmpty('this must not be empty'));
const scalar = v.union([v.string(), v.number(), v.boolean()], 'a text, a number, true or false');
const value = v.nullable(v.union([scalar, v.array(scalar)], 'a text, a number, true or false'));
const slotValues = v.record(text, value);
const names = v.union([text, v.array(text)], 'a name, or a list of names');
const slotChecks = v.union([text, v.array(v.union([text, slotValues]))], 'names of slots, or slots with values');
const milliseconds = v.pipe(v.number(), v.minValue(1, 'at least 1'));
const duration = v.pipe(v.string(), v.regex(/^[1-9]\d{0,5}(?:ms|s|m|h|d)$/u, 'a duration such as 30s, 10m or 2h'));

/** Assertions are checked one by one when they are read: each kind has a form of its own. */
const assertion = v.pipe(
  v.record(text, v.unknown()),
  v.check((it) => Object.keys(it).length === 1, 'an assertion has one key'),
);

const step = strict({
  user: v.optional(scalar),
  bot: v.optional(scalar),
  utter: v.optional(text),
  slot_was_set: v.optional(slotChecks),
  slot_was_not_set: v.optional(slotChecks),
  metadata: v.optional(names),
  assertions: v.optional(v.array(assertion)),
  assertion_order_enabled: v.optional(v.boolean()),
  // What this platform adds.
  at_once: v.optional(
    v.pipe(v.array(scalar), v.minLength(2, 'two messages or more'), v.maxLength(10, 'ten messages at most')),
  ),
  wait: v.optional(duration),
  agent: v.optional(
    v.union(
      [v.picklist(['take', 'hand-back', 'close']), strict({ says: text })],
      'take, hand-back, close, or { says: … }',
    ),
  ),
  intent: v.optional(text),
  within_ms: v.optional(milliseconds),
});
export type StepEntry = v.InferOutput<typeof step>;

const event = v.looseObject({ event: text, name: v.optional(text), value: v.optional(value) });
const stub = strict({
  events: v.optional(v.array(event), []),
  responses: v.optional(v.array(v.record(text, v.unknown())), []),
  /** What this platform adds: the action could not be done. */
  fails: v.optional(v.picklist(FAILURES, 'timed-out, refused, unreachable, malformed or circuit-open')),
});
export type StubEntry = v.InferOutput<typeof stub>;

const storyStep = strict({
  user: v.optional(scalar),
  intent: v.optional(text),
  entities: v.optional(v.unknown()),
  action: v.optional(text),
  bot: v.optional(scalar),
  slot_was_set: v.optional(slotChecks),
  active_loop: v.optional(v.nullable(text)),
  checkpoint: v.optional(text),
  or: v.optional(v.array(v.unknown())),
});
export type StoryStepEntry = v.InferOutput<typeof storyStep>;

/** A file of tests: Rasa's `test_cases`, its older `stories`, or, in a `conftest.yml`, only what tests share. */
export const TestFile = strict({
  version: v.optional(v.unknown()),
  fixtures: v.optional(v.array(v.record(text, v.array(slotValues))), []),
  metadata: v.optional(v.array(v.record(text, v.record(text, v.unknown()))), []),
  stub_custom_actions: v.optional(v.record(text, stub), {}),
  test_cases: v.optional(
    v.array(
      strict({
        test_case: text,
        fixtures: v.optional(names, []),
        metadata: v.optional(names, []),
        within_ms: v.optional(milliseconds),
        steps: v.pipe(v.array(step), v.minLength(1, 'a test has at least one step')),
      }),
    ),
    [],
  ),
  stories: v.optional(
    v.array(strict({ story: text, steps: v.pipe(v.array(storyStep), v.minLength(1, 'a story has steps')) })),
    [],
  ),
  /** Who judges generated answers in Rasa; nothing here is judged by a model. */
  llm_judge: v.optional(v.unknown()),
});
export type TestFile = v.InferOutput<typeof TestFile>;
