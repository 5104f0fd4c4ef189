import * as v from 'valibot';
import { defineEvent } from './define.ts';
import { EventId } from './envelope.ts';
import { count, locale, name, personalText, personalValue, reason, record, score, snapshot } from './fields.ts';

const slots = record(name, personalValue);

/** One thing that the bot says: a response, with every value that its texts and conditions need. */
export const Said = v.strictObject({
  response: name,
  slots: record(name, personalText),
  /** Intents to choose from, each shown as a button. */
  options: v.exactOptional(v.array(name)),
  /** So many letters of it were heard before it was cut off: it is said from that sentence on. */
  heard: v.exactOptional(v.pipe(count, v.minValue(1))),
});
export type Said = v.InferOutput<typeof Said>;

/** A flow that is under way: the step that it stands at, and the slots that it has set. */
export const Frame = v.strictObject({
  flow: name,
  step: name,
  set: v.exactOptional(v.array(name)),
  /** It was called by the flow below it, which goes on when it ends. */
  called: v.exactOptional(v.literal(true)),
});
export type Frame = v.InferOutput<typeof Frame>;

/** A piece of an article that may answer a question. */
export const Passage = v.strictObject({
  article: name,
  version: name,
  title: personalText,
  text: personalText,
  score,
  url: v.exactOptional(personalText),
});
export type Passage = v.InferOutput<typeof Passage>;

/** What a timer of a decision is for; a session has at most one for each purpose. */
export const PURPOSES = ['silence', 'idle', 'deadline', 'hand-over'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What happens next. Everything that carrying it out needs, and nothing that has to be looked up in the log. */
export const Act = v.variant('kind', [
  /** The turn is answered; nothing is awaited. */
  v.strictObject({ kind: v.literal('respond') }),
  /** A flow waits for the value of a slot. `again`: what was given for it could not be taken. */
  v.strictObject({ kind: v.literal('ask'), slot: name, flow: name, again: v.exactOptional(v.literal(true)) }),
  /** Not understood. */
  v.strictObject({ kind: v.literal('fall-back') }),
  v.strictObject({
    kind: v.literal('hand-off'),
    reason,
    skill: v.exactOptional(name),
    priority: v.exactOptional(v.picklist(['low', 'normal', 'high'])),
  }),
  /** A person has the conversation: the turn is theirs, the bot is silent. */
  v.strictObject({ kind: v.literal('forward') }),
  v.strictObject({ kind: v.literal('close'), reason }),
  /** The turn cannot be answered any more. */
  v.strictObject({ kind: v.literal('refuse'), reason }),
  v.strictObject({ kind: v.literal('supersede'), by: EventId }),
  v.strictObject({ kind: v.literal('take'), agent: name }),
  v.strictObject({ kind: v.literal('hand-back'), agent: name }),
  v.strictObject({ kind: v.literal('remind') }),
  /** Nobody took over in time: the customer is told, and a ticket is written. */
  v.strictObject({ kind: v.literal('ticket'), reason, skill: v.exactOptional(name) }),
  // What the turn needs of the outside world. The turn goes on with the result, or without it once the time is over.
  v.strictObject({ kind: v.literal('call'), action: name, arguments: slots }),
  v.strictObject({ kind: v.literal('search'), query: personalText }),
  v.strictObject({ kind: v.literal('generate'), query: personalText, passages: v.array(Passage) }),
  /** A language model is asked which of these intents is meant; what follows is decided here. */
  v.strictObject({ kind: v.literal('choose'), query: personalText, options: v.array(name) }),
]);
export type Act = v.InferOutput<typeof Act>;

/** The acts after which a turn goes on with what comes from outside. */
const OUTSIDE: ReadonlySet<string> = new Set<Act['kind']>(['call', 'search', 'generate', 'choose']);

/** What happens to a message that comes while an earlier one is not answered yet. */
export const MidTurn = v.picklist(['queue', 'merge', 'interrupt']);
export type MidTurn = v.InferOutput<typeof MidTurn>;

/** What an act of revision 1 carried. */
interface FirstAct {
  readonly kind: string;
  readonly response?: string;
  readonly slots?: object;
  readonly slot?: string;
  readonly intent?: string;
  readonly remindAfterMs?: number;
}

/** Revision 1 said one response for each act, and flows were named by their intents. */
function fromFirst({ act, ...rest }: { readonly act: FirstAct }): object {
  const { response, slots = {}, slot, intent: flow, remindAfterMs, ...kept } = act;
  const asks = kept.kind === 'ask';
  return {
    ...rest,
    act: asks ? { ...kept, slot, flow } : kept,
    says: response === undefined ? [] : [{ response, slots }],
    slots,
    forgets: [],
    // A step that the flow does not have: it is begun again, over the slots that are filled.
    stack: asks ? [{ flow, step: '0' }] : [],
    ...(remindAfterMs !== undefined && { timer: { purpose: 'silence', afterMs: remindAfterMs } }),
  };
}

/**
 * The policy decided: the lock of a session, and its snapshot. `snapshot` is the fold of everything up to the
 * envelope's `basis`, without this decision itself. A turn may take several decisions, one after each result from
 * outside; what is said on the way is said with the last one.
 */
export const policyDecided = defineEvent({
  type: 'policy.decided',
  revision: 2,
  schema: v.strictObject({
    step: v.pipe(count, v.minValue(1)),
    act: Act,
    says: v.array(Said),
    /** The slots that got a value, and those that lost theirs. */
    slots,
    forgets: v.array(name),
    /** The flows under way after this decision, the current one last. */
    stack: v.array(Frame),
    timer: v.exactOptional(v.strictObject({ purpose: v.picklist(PURPOSES), afterMs: count })),
    /** The rule that led here, and what it rested upon. */
    why: v.strictObject({
      rule: name,
      intent: v.exactOptional(name),
      confidence: v.exactOptional(score),
      /** The steps that were gone through, as `flow/step`. */
      path: v.exactOptional(v.array(name)),
      /** What was done about another message that was waiting. */
      midTurn: v.exactOptional(MidTurn),
      /** The articles that the answer rests upon, as `article@version`. */
      cites: v.exactOptional(v.array(name)),
    }),
    locale,
    snapshot,
  }),
  upcasts: { 1: fromFirst },
  // Who carries out what is asked of the outside world need not be woken by all other decisions.
  kindOf: ({ act: { kind } }) => (OUTSIDE.has(kind) ? kind : undefined),
});
