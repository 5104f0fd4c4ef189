import type { EventId, SessionId, TenantId } from '../../events/envelope.ts';
import { policyDecided } from '../../events/decision.ts';
import { ticketWritten } from '../../events/desk.ts';
import { customerReminded, sessionClosed } from '../../events/session.ts';
import { turnDeadLettered, turnHandedOff, turnReplied, turnSuperseded } from '../../events/turn.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import type { DeskNews } from '../../shared/desk/entry.ts';
import { defineReaction, type Context } from '../../shared/function/define.ts';
import { overtaken } from '../../shared/session/decided.ts';
import type { DialogueState } from '../../shared/session/state.ts';
import { deskNewsOf } from './desk.ts';
import { render } from './render.ts';

/** What this function asks of the outside world. */
export interface Replying {
  readonly botOf: (hash: string) => Promise<Bot>;
  /** Lets a timer of this decision run out after a time, instead of that of another one. Repeating it is harmless. */
  readonly setTimer: (
    decision: { readonly id: EventId; readonly tenant: TenantId; readonly session: SessionId },
    afterMs: number,
    instead?: string,
  ) => Promise<void>;
  /** Writes down that a session waits for a person, is with one who is written to, or has left. Repeating it is harmless. */
  readonly tellDesk: (
    session: { readonly tenant: TenantId; readonly session: SessionId },
    news: DeskNews,
  ) => Promise<void>;
}

/** Carries out what was decided: sets its timer, tells the desk, puts it into words and ends the turn. */
export const reply = defineReaction({
  name: 'reply',
  on: [policyDecided],
  emits: [turnReplied, turnHandedOff, turnSuperseded, turnDeadLettered, sessionClosed, customerReminded, ticketWritten],
  limits: { timeoutMs: 1_000, attempts: 3 },
  failure: 'dead-letter',

  async handle(event, { ports }: Context<Replying>) {
    const { act, says, locale, snapshot, timer } = event.data;
    // Made by the rules of its own time.
    const state = snapshot.state as Partial<DialogueState>;
    const { bot, channel } = state;
    if (timer) await ports.setTimer(event, timer.afterMs, overtaken(state, timer.purpose));
    const news = deskNewsOf(event);
    if (news) await ports.tellDesk(event, news);
    const said = async () => {
      if (!bot || says.length === 0) return [];
      const speaker = await ports.botOf(bot.hash);
      return says.flatMap((it) => render(speaker, it, { locale, channel }));
    };

    switch (act.kind) {
      case 'respond':
      case 'ask':
      case 'fall-back':
        return [turnReplied({ messages: await said(), locale })];
      case 'hand-off':
        return [turnHandedOff({ messages: await said(), locale, reason: act.reason })];
      case 'forward':
        return [turnHandedOff({ messages: [], locale, reason: 'a person has the conversation' })];
      case 'close': {
        const closed = sessionClosed({ reason: act.reason });
        if (event.turn !== undefined) return [turnReplied({ messages: await said(), locale }), closed];
        return says.length > 0 ? [customerReminded({ messages: await said(), locale }), closed] : [closed];
      }
      case 'refuse':
        return [turnDeadLettered({ reason: act.reason })];
      case 'supersede':
        return [turnSuperseded({ by: act.by })];
      case 'remind':
        return [customerReminded({ messages: await said(), locale })];
      case 'ticket':
        return [
          customerReminded({ messages: await said(), locale }),
          ticketWritten({ reason: act.reason, ...(act.skill !== undefined && { skill: act.skill }) }),
        ];
      case 'hand-back':
        return says.length > 0 ? [customerReminded({ messages: await said(), locale })] : [];
      // What the outside world is asked for is done by others; this only sees that the waiting comes to an end.
      case 'take':
      case 'call':
      case 'search':
      case 'generate':
      case 'choose':
        return [];
    }
  },
});
