import type { EventId, SessionId, TenantId } from '../../events/envelope.ts';
import { policyDecided } from '../../events/decision.ts';
import { customerReminded, sessionClosed } from '../../events/session.ts';
import { turnDeadLettered, turnHandedOff, turnReplied, turnSuperseded } from '../../events/turn.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { defineReaction, type Context } from '../../shared/function/define.ts';
import { render } from './render.ts';

/** What this function asks of the outside world. */
export interface Replying {
  readonly botOf: (hash: string) => Promise<Bot>;
  /** Lets a timer of this decision run out after a time. Repeating it is harmless. */
  readonly setTimer: (
    decision: { readonly id: EventId; readonly tenant: TenantId; readonly session: SessionId },
    afterMs: number,
  ) => Promise<void>;
}

/** Carries out what was decided: puts it into words and ends the turn. */
export const reply = defineReaction({
  name: 'reply',
  on: [policyDecided],
  emits: [turnReplied, turnHandedOff, turnSuperseded, turnDeadLettered, sessionClosed, customerReminded],
  limits: { timeoutMs: 1_000, attempts: 3 },
  failure: 'dead-letter',

  async handle(event, { ports }: Context<Replying>) {
    const { act, locale, snapshot } = event.data;
    const state = snapshot.state as { bot: { hash: string } | null; slots: Record<string, string> };
    const said = async (response: string, slots: Readonly<Record<string, string>> = {}) =>
      state.bot ? render(await ports.botOf(state.bot.hash), response, locale, { ...state.slots, ...slots }) : [];

    switch (act.kind) {
      case 'respond':
        return [turnReplied({ messages: await said(act.response, act.slots), locale })];
      case 'ask':
        if (act.remindAfterMs !== undefined) await ports.setTimer(event, act.remindAfterMs);
        return [turnReplied({ messages: await said(act.response, act.slots), locale })];
      case 'fall-back':
        return [turnReplied({ messages: await said(act.response), locale })];
      case 'hand-off':
        return [turnHandedOff({ messages: await said(act.response, act.slots), locale, reason: act.reason })];
      case 'forward':
        return [turnHandedOff({ messages: [], locale, reason: 'a person has the conversation' })];
      case 'close': {
        const closed = sessionClosed({ reason: act.reason });
        if (!act.response) return [closed];
        return [turnReplied({ messages: await said(act.response, act.slots), locale }), closed];
      }
      case 'refuse':
        return [turnDeadLettered({ reason: act.reason })];
      case 'supersede':
        return [turnSuperseded({ by: act.by })];
      case 'remind':
        return [customerReminded({ messages: await said(act.response, act.slots), locale })];
      case 'take':
      case 'hand-back':
        return [];
    }
  },
});
