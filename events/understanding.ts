import * as v from 'valibot';
import { defineEvent } from './define.ts';
import { botRef, count, locale, name, personalText, personalValue, score, timezone } from './fields.ts';

/** The customer said something: this opens a turn, and its id names the turn. */
export const utteranceReceived = defineEvent({
  type: 'utterance.received',
  revision: 1,
  schema: v.strictObject({
    text: v.pipe(
      personalText,
      v.check((s) => s.trim().length > 0, 'is empty'),
    ),
    locale,
    channel: name,
    /** The bot that is to understand it. */
    bot: botRef,
    timezone: v.exactOptional(timezone),
    /** What a pressed button stands for, where it was not typed. */
    payload: v.exactOptional(personalValue),
  }),
});

const ranked = v.strictObject({ intent: name, confidence: score });

/** What the customer wants, sure enough to act upon. */
export const intentClassified = defineEvent({
  type: 'intent.classified',
  revision: 1,
  schema: v.strictObject({ ...ranked.entries, model: name, others: v.array(ranked) }),
});

/** Nothing was sure enough; what came closest, best first. */
export const intentNotRecognised = defineEvent({
  type: 'intent.not-recognised',
  revision: 1,
  schema: v.strictObject({ best: v.array(ranked), model: name }),
});

/** The values found in the text, possibly none. `start` and `end` count code points of the text. */
export const entitiesExtracted = defineEvent({
  type: 'entities.extracted',
  revision: 2,
  schema: v.strictObject({
    entities: v.array(
      v.strictObject({
        entity: name,
        /** What was said, or what a word of a lookup stands for. */
        value: personalValue,
        start: count,
        end: count,
        role: v.exactOptional(name),
        group: v.exactOptional(name),
        /** The built-in recogniser that found it, and what a program needs of the value: a date in ISO 8601, for example. */
        dimension: v.exactOptional(name),
        normalised: v.exactOptional(personalValue),
        /** Tells by itself who somebody is, or opens an account: a phone number, a card. */
        personal: v.exactOptional(v.literal(true)),
      }),
    ),
    model: name,
    /** Present where the places count UTF-16 code units, as in revision 1, and not code points. */
    offsets: v.exactOptional(v.literal('code-units')),
  }),
  upcasts: {
    // Revision 1 counted code units; without the text they cannot be counted again, so the event says what they are.
    1: (data: { entities: readonly object[]; model: string }) => ({ ...data, offsets: 'code-units' }),
  },
});

/** A function gave up on this turn for good; the policy answers it. */
export const stepFailed = defineEvent({
  type: 'step.failed',
  revision: 1,
  schema: v.strictObject({
    step: name,
    reason: v.picklist(['timed-out', 'failed', 'crashed', 'unreadable']),
    /** The stable code of the error, where there was one. */
    code: v.exactOptional(name),
    attempts: count,
  }),
});
