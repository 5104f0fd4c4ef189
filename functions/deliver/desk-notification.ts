import type { policyDecided } from '../../events/decision.ts';
import type { Recorded } from '../../events/envelope.ts';
import { fits } from './notification.ts';

type Decided = Recorded<typeof policyDecided>;

/**
 * What a desk of the tenant's own is told of a decision; undefined: nothing. The log's decisions are what counts, so a
 * session waits, is taken and is handed back to the desk exactly as it is to the bot. What a customer says to a person
 * is sent along; where it is too long for a webhook, it stands in the session's events.
 */
export async function deskBodyOf(
  event: Decided,
  saidIn: (event: Decided) => Promise<string | undefined>,
): Promise<string | undefined> {
  const { act, locale, snapshot } = event.data;
  const { phase, channel } = snapshot.state as { readonly phase?: string; readonly channel?: string };
  switch (act.kind) {
    case 'hand-off': {
      const { reason, skill, priority = 'normal' } = act;
      const waiting = { locale, channel, reason, priority, ...(skill !== undefined && { skill }) };
      return render('desk.session-waiting', event, waiting);
    }
    case 'forward': {
      const full = render('desk.customer-said', event, { locale, text: await saidIn(event) });
      return fits(full) ? full : render('desk.customer-said', event, { locale, truncated: true });
    }
    case 'take':
      return render('desk.session-taken', event, { agent: act.agent });
    case 'hand-back':
      return render('desk.session-handed-back', event, { agent: act.agent });
    case 'close':
      return phase === 'handed-off' ? render('desk.session-closed', event, {}) : undefined;
    // A ticket is told of by its own event.
    default:
      return undefined;
  }
}

const render = (type: string, { time: timestamp, session, turn, position }: Decided, data: object): string =>
  JSON.stringify({ type, timestamp, data: { session, ...(turn && { turn }), position, ...data } });
