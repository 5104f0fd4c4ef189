import * as v from 'valibot';
import { strict } from './strict.ts';

const name = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,63}$/, 'a name has lower-case letters, digits and _'));
const label = v.pipe(v.string(), v.regex(/^[\p{L}\p{N}][\p{L}\p{N}_-]{0,63}$/u, 'a name has letters, digits, _ and -'));
const scalar = v.union([v.string(), v.number(), v.boolean()], 'a text, a number, true or false');

/** Ways to fill a slot that Rasa has. `from_llm` and `custom` are understood, and filled as if nothing was said. */
const MAPPINGS = ['from_entity', 'from_text', 'from_intent', 'from_llm', 'custom', 'controlled'] as const;

/** One slot of `domain.yml`. */
export const SlotEntry = strict({
  type: v.picklist(
    ['text', 'bool', 'float', 'categorical', 'any'],
    'a slot is of type text, bool, float, categorical or any',
  ),
  values: v.optional(v.array(scalar)),
  initial_value: v.optional(v.nullable(scalar)),
  influence_conversation: v.optional(v.boolean()),
  mappings: v.optional(
    v.array(
      strict({
        type: v.picklist(MAPPINGS, `a mapping is one of ${MAPPINGS.join(', ')}`),
        entity: v.optional(name),
        role: v.optional(label),
        group: v.optional(label),
        intent: v.optional(name),
        value: v.optional(scalar),
        action: v.optional(name),
      }),
    ),
    [],
  ),
});
export type SlotEntry = v.InferOutput<typeof SlotEntry>;
