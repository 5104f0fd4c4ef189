import type { ConversationEvent } from '../../events/catalogue.ts';
import type { Act } from '../../events/decision.ts';
import type { Fold } from '../function/define.ts';
import { recollect, remember } from './recent.ts';
import { initialState, type Command, type DialogueState, type Entity, type Turn } from './state.ts';

/** The meaning of a conversation's events. Change the rules, change the version. */
export const dialogue: Fold<DialogueState> = {
  version: 'dialogue-2',
  initial: initialState,
  evolve(state, event) {
    switch (event.type) {
      case 'session.opened':
        if (state.phase !== 'none') return state;
        return { ...state, phase: 'open', bot: event.data.bot, locale: event.data.locale ?? state.locale };
      case 'session.resumed': {
        if (isRepeated(state, event.id)) return state;
        const kept = event.data.archived ? (event.data.archived.snapshot.state as unknown as DialogueState) : state;
        return { ...kept, phase: 'open', bot: event.data.bot, recent: remember(kept.recent, event.id, '') };
      }
      case 'utterance.received': {
        const { text, locale } = event.data;
        if (isRepeated(state, event.id)) return state;
        const turns = [...state.turns, { id: event.id, locale }];
        return { ...state, locale, turns, recent: remember(state.recent, event.id, text) };
      }
      case 'intent.classified': {
        const { intent: name, confidence } = event.data;
        return learn(state, event.turn, { intent: { kind: 'classified', name, confidence: rounded(confidence) } });
      }
      case 'intent.not-recognised':
        return learn(state, event.turn, { intent: { kind: 'unknown' } });
      case 'entities.extracted':
        return learn(state, event.turn, { entities: firstOfEach(event.data.entities) });
      case 'step.failed': {
        const { step } = event.data;
        if (step === 'intent') return learn(state, event.turn, { intent: { kind: 'failed' } });
        return step === 'entity' ? learn(state, event.turn, { entities: [] }) : state;
      }
      case 'control.requested': {
        const { command: kind, agent } = event.data;
        if (isRepeated(state, event.id)) return state;
        const known = { ...state, recent: remember(state.recent, event.id, `${kind} ${agent}`) };
        return changesAnything(state, kind) ? command(known, { kind, id: event.id, agent }) : known;
      }
      case 'timer.fired': {
        const { timer } = event.data;
        // A timer belongs to the decision that set it; once something else was decided, it is stale.
        return state.asking?.decision === timer ? command(state, { kind: 'timer', id: event.id, timer }) : state;
      }
      case 'policy.decided':
        return act(settled(state, event), event.data.act, event.id);
      case 'turn.replied':
      case 'turn.handed-off':
      case 'turn.superseded':
      case 'turn.dead-lettered':
        return { ...state, turns: state.turns.filter((t) => t.id !== event.turn) };
      case 'session.closed':
      case 'session.archived':
      case 'customer.reminded':
      case 'reply.delivered':
      case 'reply.delivery-failed':
        return state;
      default:
        return event satisfies never;
    }
  },
};

/** The same id can stand in the log twice, once the store has forgotten it: the first one counts. */
const isRepeated = ({ recent }: DialogueState, id: string): boolean => recollect(recent, id, '') !== 'unknown';

/** Adds what is now known about a turn, as long as it is undecided and did not know it already. */
const learn = (
  state: DialogueState,
  turn: string | undefined,
  fact: Pick<Turn, 'intent' | 'entities'>,
): DialogueState => ({
  ...state,
  turns: state.turns.map((t) => (t.id === turn && !t.decided ? understood({ ...fact, ...t }) : t)),
});

/** In one order, whichever was known first. */
const understood = ({ id, locale, intent, entities }: Turn): Turn => ({
  id,
  locale,
  ...(intent && { intent }),
  ...(entities && { entities }),
});

/** What fills a slot is the first value of its entity in its role and group; the others stand in the log. */
const firstOfEach = (entities: readonly Entity[]): readonly Entity[] =>
  entities
    .filter(
      ({ entity, role, group }, i) =>
        entities.findIndex((e) => e.entity === entity && e.role === role && e.group === group) === i,
    )
    .map(({ entity, value, role, group }) => ({
      entity,
      value,
      ...(role !== undefined && { role }),
      ...(group !== undefined && { group }),
    }));

const rounded = (confidence: number): number => Math.round(confidence * 1_000) / 1_000;

const command = (state: DialogueState, next: Command): DialogueState =>
  state.commands.some((c) => c.id === next.id) ? state : { ...state, commands: [...state.commands, next] };

function changesAnything(state: DialogueState, kind: 'take' | 'hand-back' | 'close'): boolean {
  switch (kind) {
    case 'take':
      return state.phase === 'open';
    case 'hand-back':
      return state.phase === 'handed-off';
    case 'close':
      return state.phase === 'open' || state.phase === 'handed-off';
  }
}

/** Takes what was decided upon off the lists of what is waiting. */
const settled = (
  state: DialogueState,
  { causation, turn }: Extract<ConversationEvent, { type: 'policy.decided' }>,
): DialogueState => ({
  ...state,
  // What was understood of a decided turn stands in the log; the state need not carry it on.
  turns: state.turns.map((t) => (t.id === turn ? { id: t.id, locale: t.locale, decided: true } : t)),
  commands: state.commands.filter((c) => c.id !== causation),
});

function act(state: DialogueState, did: Act, decision: string): DialogueState {
  switch (did.kind) {
    case 'respond':
      return { ...state, slots: { ...state.slots, ...did.slots }, asking: null, misses: 0 };
    case 'ask': {
      const asking = { slot: did.slot, response: did.response, intent: did.intent, decision };
      return { ...state, slots: { ...state.slots, ...did.slots }, asking, misses: 0 };
    }
    case 'fall-back':
      return { ...state, misses: state.misses + 1 };
    case 'hand-off':
      return { ...state, phase: 'handed-off', slots: { ...state.slots, ...did.slots }, asking: null, misses: 0 };
    case 'close':
      return { ...state, phase: 'closed', slots: { ...state.slots, ...did.slots }, asking: null, misses: 0 };
    case 'take':
      return { ...state, phase: 'handed-off' };
    case 'hand-back':
      return { ...state, phase: 'open', misses: 0 };
    case 'remind':
      return state.asking ? { ...state, asking: { ...state.asking, decision } } : state;
    case 'forward':
    case 'refuse':
    case 'supersede':
      return state;
  }
}
