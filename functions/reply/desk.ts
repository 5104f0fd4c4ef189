import type { policyDecided } from '../../events/decision.ts';
import type { Recorded } from '../../events/envelope.ts';
import type { DeskNews } from '../../shared/desk/entry.ts';

/** What a decision means to the desk; undefined: nothing. */
export function deskNewsOf({ data, time: since, position }: Recorded<typeof policyDecided>): DeskNews | undefined {
  const { act, locale, snapshot } = data;
  const { phase, channel = '' } = snapshot.state as { readonly phase?: string; readonly channel?: string };
  switch (act.kind) {
    case 'hand-off': {
      const { reason, skill, priority = 'normal' } = act;
      const waiting = { kind: 'waiting', since, channel, locale, reason, priority } as const;
      return { position, entry: { ...waiting, ...(skill !== undefined && { skill }) } };
    }
    case 'take':
      return { position, entry: { kind: 'taken', since, channel, locale, agent: act.agent } };
    case 'forward':
      return { position, wrote: true };
    case 'hand-back':
    case 'ticket':
      return { position };
    case 'close':
      return phase === 'handed-off' ? { position } : undefined;
    default:
      return undefined;
  }
}
