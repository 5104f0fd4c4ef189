import type { ConversationEvent } from '../../events/catalogue.ts';
import type { Purpose } from '../../events/decision.ts';
import type { Snapshot } from '../../events/fields.ts';
import type { Fold } from '../function/define.ts';
import { afterDecision } from './decided.ts';
import { greetedBy, playedOf, toldBy } from './heard.ts';
import { outcomeOf, withOutcome } from './outcome.ts';
import { recollect, remember } from './recent.ts';
import { initialState, type Command, type DialogueState } from './state.ts';
import { candidates, firstOfEach, learn, opened, rounded, whole } from './understood.ts';

/** Of what people wrote during a hand-over. */
const SAID_KEPT = 3;
const TEXT_KEPT = 160;

/** The meaning of a conversation's events. Change the rules, change the version. */
export const dialogue: Fold<DialogueState> = {
  version: 'dialogue-8',
  initial: initialState,
  evolve(state, event) {
    switch (event.type) {
      case 'session.opened': {
        if (state.phase !== 'none') return state;
        const { bot, channel, locale = state.locale } = event.data;
        return { ...state, phase: 'open', bot, channel, locale };
      }
      case 'session.resumed': {
        if (isRepeated(state, event.id)) return state;
        const { archived, bot, channel } = event.data;
        const kept = archived ? keptIn(archived.snapshot) : state;
        return { ...kept, phase: 'open', bot, channel, returned: true, recent: remember(kept.recent, event.id, '') };
      }
      case 'utterance.received': {
        const { text, locale, channel, payload, bot } = event.data;
        if (isRepeated(state, event.id)) return state;
        const quiet = unset(state, ['silence', 'idle']);
        const turns = [...state.turns, opened(state, { id: event.id, locale, text, payload })];
        // Another version than that of the session's beginning, where a bot says that it takes its sessions over.
        return {
          ...quiet,
          bot: state.bot && bot,
          channel,
          locale,
          turns,
          recent: remember(state.recent, event.id, text),
        };
      }
      case 'intent.classified': {
        const { intent: name, confidence, others } = event.data;
        const near = candidates(others);
        const intent = { kind: 'classified', name, confidence: rounded(confidence) } as const;
        return learn(state, event.turn, { intent: near.length > 0 ? { ...intent, others: near } : intent });
      }
      case 'intent.not-recognised': {
        const near = candidates(event.data.best);
        return learn(state, event.turn, { intent: { kind: 'unknown', ...(near.length > 0 && { others: near }) } });
      }
      case 'entities.extracted':
        return learn(state, event.turn, { entities: firstOfEach(event.data.entities) });
      case 'step.failed':
        return afterFailure(state, event);
      case 'action.completed':
      case 'action.failed':
      case 'passages.found':
      case 'answer.generated':
      case 'flow.suggested':
      case 'answer.failed':
        return withOutcome(state, event.causation, outcomeOf(event));
      case 'control.requested': {
        const { command: kind, agent } = event.data;
        if (isRepeated(state, event.id)) return state;
        const known = { ...state, recent: remember(state.recent, event.id, `${kind} ${agent}`) };
        return changesAnything(state, kind) ? command(known, { kind, id: event.id, agent }) : known;
      }
      case 'agent.replied': {
        if (isRepeated(state, event.id) || state.phase !== 'handed-off') return state;
        const { agent, messages } = event.data;
        const texts = messages.map(({ text }) => whole(text.slice(0, TEXT_KEPT)));
        const said = [...(state.desk?.said ?? []), ...texts].slice(-SAID_KEPT);
        const recent = remember(state.recent, event.id, texts.join('\n'));
        return { ...unset(state, ['hand-over']), desk: { agent, said }, recent };
      }
      case 'timer.fired':
        return afterTimer(state, event.id, event.data.timer);
      case 'policy.decided':
        return afterDecision(state, event);
      case 'turn.replied':
      case 'turn.handed-off':
        return afterTurn({ ...state, told: toldBy(state, event) }, event.turn);
      case 'turn.superseded':
      case 'turn.dead-lettered':
        return afterTurn(state, event.turn);
      case 'call.greeted':
        return greetedBy(state, event);
      case 'playback.completed':
      case 'playback.interrupted':
      case 'playback.resumed':
        return { ...state, told: playedOf(state, event) };
      case 'session.closed':
      case 'session.archived':
      case 'customer.reminded':
      case 'ticket.written':
      case 'reply.delivered':
      case 'reply.delivery-failed':
      case 'call.started':
      case 'call.ended':
      case 'speech.started':
      case 'speech.transcribed':
      case 'speech.not-transcribed':
      case 'digits.entered':
        return state;
      default:
        return event satisfies never;
    }
  },
};

/** What the archive kept of a session; of a state that earlier rules made, what means the same by these. */
function keptIn({ fold, state }: Snapshot): DialogueState {
  const kept = state as unknown as DialogueState;
  if (fold === dialogue.version) return kept;
  const { locale, slots, recent } = kept;
  return { ...initialState, locale, slots, recent };
}

const afterTurn = (state: DialogueState, turn: string | undefined): DialogueState => ({
  ...state,
  turns: state.turns.filter((t) => t.id !== turn),
  pending: state.pending?.turn === turn ? null : state.pending,
});

/** The same id can stand in the log twice, once the store has forgotten it: the first one counts. */
const isRepeated = ({ recent }: DialogueState, id: string): boolean => recollect(recent, id, '') !== 'unknown';

function afterFailure(state: DialogueState, event: Extract<ConversationEvent, { type: 'step.failed' }>): DialogueState {
  switch (event.data.step) {
    case 'intent':
      return learn(state, event.turn, { intent: { kind: 'failed' } });
    case 'entity':
      return learn(state, event.turn, { entities: [] });
    default:
      return withOutcome(state, event.causation, { kind: 'failed', reason: event.data.reason });
  }
}

/** A timer belongs to the decision that set it; once something else was decided for its purpose, it is stale. */
function afterTimer(state: DialogueState, id: string, timer: string): DialogueState {
  const purpose = state.timers.find(({ decision }) => decision === timer)?.purpose;
  if (purpose === undefined) return state;
  const fired = unset(state, [purpose]);
  return purpose === 'deadline'
    ? withOutcome(fired, timer, { kind: 'failed', reason: 'timed-out' })
    : command(fired, { kind: 'timer', id, purpose });
}

/** Stops timers, and takes back what they had led to and nobody has decided upon. */
const unset = (state: DialogueState, purposes: readonly Purpose[]): DialogueState => ({
  ...state,
  timers: state.timers.filter(({ purpose }) => !purposes.includes(purpose)),
  commands: state.commands.filter((c) => c.kind !== 'timer' || !purposes.includes(c.purpose)),
});

const command = (state: DialogueState, next: Command): DialogueState =>
  state.commands.some((c) => c.id === next.id) ? state : { ...state, commands: [...state.commands, next] };

function changesAnything(state: DialogueState, kind: 'take' | 'hand-back' | 'close'): boolean {
  // The first in the log counts, whether or not it is decided yet: of two agents, one gets the conversation.
  if (state.commands.some((c) => c.kind === kind)) return false;
  switch (kind) {
    case 'take':
      return state.phase === 'open' || (state.phase === 'handed-off' && !state.desk?.agent);
    case 'hand-back':
      return state.phase === 'handed-off';
    case 'close':
      return state.phase === 'open' || state.phase === 'handed-off';
  }
}
