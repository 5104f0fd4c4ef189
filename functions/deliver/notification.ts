import type { policyDecided } from '../../events/decision.ts';
import type { agentReplied, ticketWritten } from '../../events/desk.ts';
import type { Recorded } from '../../events/envelope.ts';
import type { customerReminded } from '../../events/session.ts';
import type { turnHandedOff, turnReplied } from '../../events/turn.ts';

/** What a customer is told, by the bot or by a person. */
export type Spoken = Recorded<
  typeof turnReplied | typeof turnHandedOff | typeof customerReminded | typeof agentReplied
>;

/** Everything that goes to an address. */
export type Deliverable = Spoken | Recorded<typeof ticketWritten | typeof policyDecided>;

/** Standard Webhooks asks for less than 20 kB. */
export const MAX_BODY_BYTES = 20_000;

const utf8 = new TextEncoder();

/** Whether a body is as small as Standard Webhooks asks for. */
export const fits = (body: string): boolean => utf8.encode(body).length < MAX_BODY_BYTES;

/** The body for what a customer is told, or for a ticket; undefined where there is nothing to tell. */
export function bodyOf(event: Spoken | Recorded<typeof ticketWritten>): string | undefined {
  if (event.type === 'ticket.written') {
    const { reason, skill } = event.data;
    return render(event, { reason, ...(skill !== undefined && { skill }) });
  }
  return event.data.messages.length === 0 ? undefined : notificationOf(event);
}

/**
 * The body of a webhook: type, timestamp and data, as Standard Webhooks has it; the type is that of the event, so that
 * a channel finds the same name wherever it looks. The same event always gives the same bytes. What is too long leaves
 * its messages out and says so: they stand at this position of the session's events.
 */
export function notificationOf(event: Spoken): string {
  const { data } = event;
  const rest = 'reason' in data ? { reason: data.reason } : {};
  const locale = 'locale' in data ? { locale: data.locale } : {};
  const full = render(event, { ...locale, messages: data.messages, ...rest });
  return fits(full) ? full : render(event, { ...locale, messages: [], truncated: true, ...rest });
}

const render = ({ type, time: timestamp, session, turn, position }: Deliverable, data: object): string =>
  JSON.stringify({ type, timestamp, data: { session, ...(turn && { turn }), position, ...data } });
