import * as v from 'valibot';
import { defineEvent } from './define.ts';
import { botRef, count, locale, message, name, reason, snapshot, timezone } from './fields.ts';

/** A conversation began; it keeps this bot until it is resumed. */
export const sessionOpened = defineEvent({
  type: 'session.opened',
  revision: 1,
  schema: v.strictObject({
    channel: name,
    bot: botRef,
    locale: v.exactOptional(locale),
    timezone: v.exactOptional(timezone),
  }),
});

/** A customer came back to a session that was closed or had left for the archive. */
export const sessionResumed = defineEvent({
  type: 'session.resumed',
  revision: 1,
  schema: v.strictObject({
    channel: name,
    bot: botRef,
    /** What the archive kept; absent where the session's events are still in the log. */
    archived: v.exactOptional(v.strictObject({ object: v.string(), snapshot })),
  }),
});

/** The conversation ended. The decision that closed it is its cause. */
export const sessionClosed = defineEvent({
  type: 'session.closed',
  revision: 1,
  schema: v.strictObject({ reason }),
});

/** The session was written to the archive; its events may leave the log. */
export const sessionArchived = defineEvent({
  type: 'session.archived',
  revision: 1,
  schema: v.strictObject({ object: v.string(), events: count, through: count, snapshot }),
});

/** An agent or operator asks for a change of control. The policy decides what becomes of it. */
export const controlRequested = defineEvent({
  type: 'control.requested',
  revision: 1,
  schema: v.strictObject({ command: v.picklist(['take', 'hand-back', 'close']), agent: name }),
});

/** A timer that a decision had set has run out. Names the decision; a stale one is ignored. */
export const timerFired = defineEvent({
  type: 'timer.fired',
  revision: 1,
  schema: v.strictObject({ timer: v.pipe(v.string(), v.length(26)) }),
});

/** The bot spoke without being asked, once a timer had run out. */
export const customerReminded = defineEvent({
  type: 'customer.reminded',
  revision: 1,
  schema: v.strictObject({ messages: v.array(message), locale }),
});
