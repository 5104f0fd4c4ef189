import * as v from 'valibot';
import { defineEvent } from './define.ts';
import { EventId } from './envelope.ts';
import { count, locale, message, name, reason } from './fields.ts';

// The four endings of a turn. They share a noun, so that the log can let only one of them in.

/** The customer got an answer. */
export const turnReplied = defineEvent({
  type: 'turn.replied',
  revision: 1,
  schema: v.strictObject({ messages: v.array(message), locale }),
});

/** A person answers from here on; `messages` is what the bot says about it, possibly nothing. */
export const turnHandedOff = defineEvent({
  type: 'turn.handed-off',
  revision: 1,
  schema: v.strictObject({ messages: v.array(message), locale, reason }),
});

/** A later turn answers this one too. */
export const turnSuperseded = defineEvent({
  type: 'turn.superseded',
  revision: 1,
  schema: v.strictObject({ by: EventId }),
});

/** Nobody could answer; the reason is for operators. */
export const turnDeadLettered = defineEvent({
  type: 'turn.dead-lettered',
  revision: 1,
  schema: v.strictObject({ reason, step: v.exactOptional(name) }),
});

/** A reply reached the channel's own address. */
export const replyDelivered = defineEvent({
  type: 'reply.delivered',
  revision: 1,
  schema: v.strictObject({ endpoint: name, status: count, attempts: count }),
});

/** A reply did not reach the channel's address, and no further attempt is made. */
export const replyDeliveryFailed = defineEvent({
  type: 'reply.delivery-failed',
  revision: 1,
  schema: v.strictObject({ endpoint: name, reason, attempts: count }),
});
