import * as v from 'valibot';
import { defineEvent } from './define.ts';
import { EventId } from './envelope.ts';
import { count, locale, name, personalValue, reason, record, score, snapshot } from './fields.ts';

const slots = record(name, personalValue);

/** What the bot does next. Everything a reply needs, and nothing that has to be looked up in the log. */
export const Act = v.variant('kind', [
  v.strictObject({ kind: v.literal('respond'), response: name, slots }),
  /** Asks for the value of a slot; `intent` names the flow that waits for it. */
  v.strictObject({
    kind: v.literal('ask'),
    slot: name,
    intent: name,
    response: name,
    slots,
    remindAfterMs: v.exactOptional(count),
  }),
  /** Not understood. */
  v.strictObject({ kind: v.literal('fall-back'), response: name }),
  v.strictObject({ kind: v.literal('hand-off'), response: name, slots, reason }),
  /** A person has the conversation: the turn is theirs, the bot is silent. */
  v.strictObject({ kind: v.literal('forward') }),
  v.strictObject({ kind: v.literal('close'), response: v.exactOptional(name), slots, reason }),
  /** The turn cannot be answered any more. */
  v.strictObject({ kind: v.literal('refuse'), reason }),
  v.strictObject({ kind: v.literal('supersede'), by: EventId }),
  v.strictObject({ kind: v.literal('take'), agent: name }),
  v.strictObject({ kind: v.literal('hand-back'), agent: name }),
  v.strictObject({ kind: v.literal('remind'), response: name, slots }),
]);
export type Act = v.InferOutput<typeof Act>;

/**
 * The policy decided: the lock of a session, and its snapshot. `snapshot` is the fold of everything up to the
 * envelope's `basis`, without this decision itself.
 */
export const policyDecided = defineEvent({
  type: 'policy.decided',
  revision: 1,
  schema: v.strictObject({
    step: v.pipe(count, v.minValue(1)),
    act: Act,
    /** The rule that led here and what it rested upon. */
    why: v.strictObject({ rule: name, intent: v.exactOptional(name), confidence: v.exactOptional(score) }),
    locale,
    snapshot,
  }),
});
