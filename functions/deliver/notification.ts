import type { Recorded } from '../../events/envelope.ts';
import type { customerReminded } from '../../events/session.ts';
import type { turnHandedOff, turnReplied } from '../../events/turn.ts';

/** What the bot says to a customer. */
export type Spoken = Recorded<typeof turnReplied | typeof turnHandedOff | typeof customerReminded>;

/** Standard Webhooks asks for less than 20 kB. */
export const MAX_BODY_BYTES = 20_000;

const utf8 = new TextEncoder();

/**
 * The body of a webhook: type, timestamp and data, as Standard Webhooks has it; the type is that of the event, so that
 * a channel finds the same name wherever it looks. The same event always gives the same bytes. What is too long leaves
 * its messages out and says so: they stand at this position of the session's events.
 */
export function notificationOf(event: Spoken): string {
  const full = render(event, { messages: event.data.messages });
  return utf8.encode(full).length < MAX_BODY_BYTES ? full : render(event, { messages: [], truncated: true });
}

const render = ({ type, time: timestamp, session, turn, position, data }: Spoken, said: object): string =>
  JSON.stringify({
    type,
    timestamp,
    data: {
      session,
      ...(turn && { turn }),
      position,
      locale: data.locale,
      ...said,
      ...('reason' in data && { reason: data.reason }),
    },
  });
