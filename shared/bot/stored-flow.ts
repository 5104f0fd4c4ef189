import * as v from 'valibot';
import type { Flow, SlotRule } from './bot.ts';
import { parseCondition } from './conditions/parse.ts';

const text = v.string();
const condition = v.pipe(text, v.check(isCondition, 'not a condition'));
const next = v.array(v.strictObject({ when: v.exactOptional(condition), to: text }));
const step = { id: text, next };

/** A slot as it stands in the log. */
export const StoredSlot = v.strictObject({
  name: text,
  type: v.picklist(['text', 'bool', 'float', 'categorical']),
  values: v.exactOptional(v.array(text)),
  fill: v.array(
    v.variant('from', [
      v.strictObject({
        from: v.literal('entity'),
        entity: text,
        role: v.exactOptional(text),
        group: v.exactOptional(text),
      }),
      v.strictObject({ from: v.literal('text') }),
      v.strictObject({ from: v.literal('intent'), intent: text, value: text }),
    ]),
  ),
  initial: v.exactOptional(text),
}) satisfies v.GenericSchema<unknown, SlotRule>;

/** A flow as it stands in the log. */
export const StoredFlow = v.strictObject({
  id: text,
  name: v.exactOptional(text),
  intents: v.array(text),
  when: v.exactOptional(condition),
  steps: v.pipe(
    v.array(
      v.variant('kind', [
        v.strictObject({
          ...step,
          kind: v.literal('collect'),
          slot: text,
          ask: text,
          askFirst: v.exactOptional(v.literal(true)),
          rejections: v.exactOptional(v.array(v.strictObject({ when: condition, say: text }))),
        }),
        v.strictObject({ ...step, kind: v.literal('say'), response: text }),
        v.strictObject({
          ...step,
          kind: v.literal('action'),
          action: text,
          skill: v.exactOptional(text),
          priority: v.exactOptional(v.picklist(['low', 'normal', 'high'])),
        }),
        v.strictObject({
          ...step,
          kind: v.literal('set'),
          values: v.array(v.strictObject({ slot: text, value: v.nullable(text) })),
        }),
        v.strictObject({ ...step, kind: v.picklist(['link', 'call']), flow: text }),
        v.strictObject({ ...step, kind: v.literal('noop') }),
      ]),
    ),
    v.minLength(1),
  ),
}) satisfies v.GenericSchema<unknown, Flow>;

function isCondition(source: string): boolean {
  try {
    parseCondition(source);
    return true;
  } catch {
    return false;
  }
}
