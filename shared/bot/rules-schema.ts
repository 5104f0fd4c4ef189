import * as v from 'valibot';
import { partName, plainName, slotName } from './names.ts';
import { strict, type Shape } from './strict.ts';

const line = v.pipe(v.string(), v.trim(), v.nonEmpty('this must not be empty'));
const value = v.nullable(v.union([v.string(), v.number(), v.boolean(), v.array(v.unknown())]));
const slots = v.array(v.union([slotName, v.record(v.string(), value)]));

/** One step of a rule or a story, as Rasa has them. */
const step = strict({
  intent: v.optional(partName),
  entities: v.optional(v.unknown()),
  user: v.optional(v.string()),
  action: v.optional(partName),
  bot: v.optional(v.string()),
  slot_was_set: v.optional(slots),
  active_loop: v.optional(v.nullable(plainName)),
  checkpoint: v.optional(line),
  or: v.optional(v.array(v.looseObject({ intent: v.optional(partName) }))),
});
export type RuleStep = v.InferOutput<typeof step>;

const condition = strict({
  slot_was_set: v.optional(slots),
  active_loop: v.optional(v.nullable(plainName)),
});
export type RuleCondition = v.InferOutput<typeof condition>;

const steps: Shape<RuleStep[]> = v.pipe(v.array(step), v.minLength(1, 'there is at least one step'));

/** `rules.yml`: what follows an intent, as Rasa's rules; stories are read, and not run. */
export const RulesFile = strict({
  version: v.optional(v.pipe(v.string(), v.regex(/^3\.\d+$/, 'the version of the format is "3.1"'))),
  rules: v.optional(
    v.array(
      strict({
        rule: line,
        condition: v.optional(v.array(condition), []),
        conversation_start: v.optional(v.boolean()),
        wait_for_user_input: v.optional(v.boolean()),
        steps,
      }),
    ),
    [],
  ),
  stories: v.optional(v.array(strict({ story: line, steps, metadata: v.optional(v.unknown()) })), []),
});
export type RulesFile = v.InferOutput<typeof RulesFile>;
