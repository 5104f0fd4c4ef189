import * as v from 'valibot';
import { partName, plainName as name, slotName } from './names.ts';
import { strict } from './strict.ts';

const label = v.pipe(v.string(), v.regex(/^[\p{L}\p{N}][\p{L}\p{N}_-]{0,63}$/u, 'a name has letters, digits, _ and -'));
const scalar = v.union([v.string(), v.number(), v.boolean()], 'a text, a number, true or false');

const line = v.pipe(v.string(), v.trim(), v.nonEmpty('this must not be empty'));

/** Ways to fill a slot that Rasa has. `from_llm` and `custom` are understood, and filled as if nothing was said. */
const MAPPINGS = [
  'from_entity',
  'from_text',
  'from_intent',
  'from_trigger_intent',
  'from_llm',
  'custom',
  'controlled',
] as const;

/** One slot of `domain.yml`. */
export const SlotEntry = strict({
  type: v.picklist(
    ['text', 'bool', 'float', 'categorical', 'any', 'list'],
    'a slot is of type text, bool, float, categorical, any or list',
  ),
  values: v.optional(v.array(scalar)),
  initial_value: v.optional(v.nullable(v.union([scalar, v.array(scalar)]))),
  influence_conversation: v.optional(v.boolean()),
  auto_fill: v.optional(v.boolean()),
  min_value: v.optional(v.number()),
  max_value: v.optional(v.number()),
  /** As in Rasa's flows: checked wherever the slot is collected. */
  validation: v.optional(
    strict({
      rejections: v.optional(v.array(strict({ if: line, utter: partName })), []),
      refill_utter: v.optional(partName),
    }),
  ),
  mappings: v.optional(
    v.array(
      strict({
        type: v.picklist(MAPPINGS, `a mapping is one of ${MAPPINGS.join(', ')}`),
        entity: v.optional(name),
        role: v.optional(label),
        group: v.optional(label),
        intent: v.optional(v.union([partName, v.array(partName)])),
        not_intent: v.optional(v.union([partName, v.array(partName)])),
        value: v.optional(v.nullable(scalar)),
        action: v.optional(name),
        conditions: v.optional(
          v.array(strict({ active_loop: v.optional(v.nullable(name)), requested_slot: v.optional(slotName) })),
        ),
        run_action_every_turn: v.optional(name),
        allow_nlu_correction: v.optional(v.boolean()),
      }),
    ),
    [],
  ),
});
export type SlotEntry = v.InferOutput<typeof SlotEntry>;
