import type { MidTurn } from '../../events/decision.ts';
import type { EventId } from '../../events/envelope.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { PATTERN_PREFIX } from '../../shared/bot/standard.ts';
import type { DialogueState, Turn } from '../../shared/session/state.ts';
import { unchanged, type Answer } from './answer.ts';

const ANY_CHANNEL = 'default';

/** What the bot does, in this channel, about a message that comes while an earlier one is not answered. */
export function midTurnOf({ settings: { midTurn } }: Bot, channel: string): MidTurn {
  if (!midTurn) return 'queue';
  return (Object.hasOwn(midTurn, channel) ? midTurn[channel] : midTurn[ANY_CHANNEL]) ?? 'queue';
}

/**
 * Whether the oldest turn gives way to the one behind it. Decided by what stands in the log: a message that comes after
 * the decision is a turn of its own. `merge`: once both are understood, the later turn answers both; a turn that already
 * waits for the outside world cannot be merged any more. `interrupt`: the earlier one is dropped at once, with the flow
 * that waits for the outside world.
 */
export function givesWay(
  state: DialogueState,
  turn: Turn,
  next: Turn | undefined,
  policy: MidTurn,
): Answer | undefined {
  if (!next) return undefined;
  const by = next.id as EventId;
  switch (policy) {
    case 'queue':
      return undefined;
    case 'merge': {
      // A turn that waits for the outside world is past being understood.
      if (!turn.intent || !turn.entities) return undefined;
      const merged = unchanged(state, { kind: 'supersede', by }, 'mid-turn');
      return { ...merged, why: { ...merged.why, midTurn: policy } };
    }
    case 'interrupt': {
      const dropped = unchanged(state, { kind: 'supersede', by }, 'mid-turn');
      const stack = state.pending?.turn === turn.id ? withoutCurrent(state) : state.stack;
      return { ...dropped, stack: [...stack], why: { ...dropped.why, midTurn: policy } };
    }
  }
}

/** The stack without the flow on top, and what called it. */
function withoutCurrent({ stack }: DialogueState): DialogueState['stack'] {
  let at = stack.length - 1;
  while (at > 0 && (stack[at]?.called || stack[at]?.flow.startsWith(PATTERN_PREFIX))) at -= 1;
  return stack.slice(0, Math.max(0, at));
}
