import * as v from 'valibot';
import { partName, plainName as name, slotName } from './names.ts';
import { strict, type Shape } from './strict.ts';

const stepId = v.pipe(
  v.string(),
  v.regex(/^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u, 'the id of a step has letters, digits, _ . and -'),
);
const line = v.pipe(v.string(), v.trim(), v.nonEmpty('this must not be empty'), v.maxLength(2_000, 'this is too long'));
const scalar = v.union([v.string(), v.number(), v.boolean(), v.null()], 'a text, a number, true, false or null');

/** One step as its author writes it: exactly one of collect, action, set_slots, link, call and noop. */
export interface StepEntry {
  readonly id?: string | undefined;
  readonly description?: string | undefined;
  readonly collect?: string | undefined;
  readonly utter?: string | undefined;
  readonly ask_before_filling?: boolean | undefined;
  readonly rejections?: readonly { readonly if: string; readonly utter: string }[] | undefined;
  readonly reset_after_flow_ends?: boolean | undefined;
  readonly action?: string | undefined;
  readonly skill?: string | undefined;
  readonly priority?: 'low' | 'normal' | 'high' | undefined;
  readonly set_slots?: readonly Readonly<Record<string, string | number | boolean | null>>[] | undefined;
  readonly link?: string | undefined;
  readonly call?: string | undefined;
  readonly noop?: boolean | null | undefined;
  readonly next?: NextEntry | undefined;
}

/** The id of a step, `END`, or branches: `if` and `then`, in the end perhaps `else`. */
export type NextEntry = string | readonly BranchEntry[];
export interface BranchEntry {
  readonly if?: string | undefined;
  readonly then?: string | readonly StepEntry[] | undefined;
  readonly else?: string | readonly StepEntry[] | undefined;
}

const step: Shape<StepEntry> = v.lazy(() =>
  strict({
    id: v.optional(stepId),
    description: v.optional(line),
    collect: v.optional(slotName),
    utter: v.optional(partName),
    ask_before_filling: v.optional(v.boolean()),
    rejections: v.optional(v.array(strict({ if: line, utter: partName }))),
    reset_after_flow_ends: v.optional(v.boolean()),
    // What only a language model that chooses flows would need.
    force_slot_filling: v.optional(v.boolean()),
    action: v.optional(partName),
    skill: v.optional(name),
    priority: v.optional(v.picklist(['low', 'normal', 'high'], 'low, normal or high')),
    set_slots: v.optional(v.array(v.record(slotName, scalar))),
    link: v.optional(name),
    call: v.optional(name),
    noop: v.optional(v.nullable(v.boolean())),
    next: v.optional(next),
  }),
);
const target = v.lazy((input: unknown) => (typeof input === 'string' ? stepId : v.array(step)));
const branch: Shape<BranchEntry> = strict({
  if: v.optional(line),
  then: v.optional(target),
  else: v.optional(target),
});
const next: Shape<NextEntry> = v.lazy((input: unknown) => (typeof input === 'string' ? stepId : v.array(branch)));

const trigger = v.lazy((input: unknown) =>
  typeof input === 'string' ? partName : strict({ name: partName, confidence_threshold: v.optional(v.number()) }),
);

/** `flows.yml`: what the bot does about each intent, in the form of Rasa's flows. */
export const FlowsFile = strict({
  version: v.optional(v.pipe(v.string(), v.regex(/^3\.\d+$/, 'the version of the format is "3.1"'))),
  flows: v.record(
    name,
    strict({
      name: v.optional(line),
      description: v.optional(line),
      if: v.optional(line),
      always_include_in_prompt: v.optional(v.boolean()),
      run_pattern_completed: v.optional(v.boolean()),
      nlu_trigger: v.optional(
        v.pipe(v.array(strict({ intent: trigger })), v.minLength(1, 'a flow is triggered by an intent')),
      ),
      /** Slots are kept after a flow anyway. */
      persisted_slots: v.optional(v.array(name)),
      steps: v.pipe(v.array(step), v.minLength(1, 'a flow has at least one step')),
    }),
  ),
});
export type FlowsFile = v.InferOutput<typeof FlowsFile>;
