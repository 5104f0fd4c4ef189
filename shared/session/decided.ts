import type { ConversationEvent } from '../../events/catalogue.ts';
import type { Act, Purpose, Said } from '../../events/decision.ts';
import { DEEPEST, type Command, type Desk, type DialogueState, type Pending, type Turn } from './state.ts';
import { inOrder, whole } from './understood.ts';

type Decided = Extract<ConversationEvent, { type: 'policy.decided' }>;

/** What is kept for a repetition, as JSON, and of one value in it. */
const SAID_KEPT = 700;
const VALUE_KEPT = 240;

/** The state after a decision. What was decided stands in it; the bot is not needed to know what it means. */
export function afterDecision(state: DialogueState, event: Decided): DialogueState {
  const { act, says, slots, forgets, stack, timer, why } = event.data;
  const base = {
    ...state,
    turns: state.turns.map((turn) => afterwards(turn, state, event)),
    slots: Object.fromEntries(Object.entries({ ...state.slots, ...slots }).filter(([slot]) => !forgets.includes(slot))),
    stack: stack.slice(-DEEPEST),
    pending: event.turn === state.pending?.turn ? null : state.pending,
    timers: [
      ...state.timers.filter(({ purpose }) => purpose !== timer?.purpose && !isOver(purpose, state, event)),
      ...(timer ? [{ purpose: timer.purpose, decision: event.id }] : []),
    ],
    lastTimer: timer ? event.id : state.lastTimer,
    commands: act.kind === 'close' ? [] : state.commands.filter((c) => isOpen(c, state, event)),
  };
  switch (act.kind) {
    case 'call':
    case 'search':
    case 'generate':
    case 'choose':
      // A turn that has ended waits for nothing.
      return event.turn === undefined || !state.turns.some(({ id }) => id === event.turn)
        ? base
        : { ...base, pending: { turn: event.turn, decision: event.id, kind: act.kind, says, ...keptOf(act) } };
    case 'forward':
    case 'refuse':
    case 'supersede':
      return base;
    case 'take':
      return { ...base, phase: 'handed-off', asking: null, desk: { agent: act.agent, said: state.desk?.said ?? [] } };
    case 'hand-back':
      return { ...base, phase: 'open', misses: 0 };
    case 'ticket':
      return { ...base, phase: 'open', misses: 0, desk: null };
    case 'remind':
      return base;
    default:
      return answered(base, act, says, why.path ?? []);
  }
}

/** The bot has spoken in a turn. */
function answered(
  base: DialogueState,
  act: Extract<Act, { kind: 'respond' | 'ask' | 'fall-back' | 'hand-off' | 'close' }>,
  says: readonly Said[],
  path: readonly string[],
): DialogueState {
  const own = path.map((it) => it.slice(0, it.indexOf('/'))).filter((flow) => !flow.startsWith('pattern_'));
  const state = {
    ...base,
    said: says.length > 0 ? remembered(says) : base.said,
    // What is said now was not heard yet.
    told: says.length > 0 ? null : base.told,
    done: base.stack.length > 0 ? null : (own.at(-1) ?? base.done),
    returned: false,
  };
  switch (act.kind) {
    case 'respond':
      return { ...state, asking: null, misses: 0 };
    case 'ask': {
      const asking = { slot: act.slot, response: says.at(-1)?.response ?? '', flow: act.flow };
      return { ...state, asking, misses: act.again ? state.misses + 1 : 0 };
    }
    case 'fall-back':
      return { ...state, misses: state.misses + 1 };
    case 'hand-off':
      return { ...state, phase: 'handed-off', asking: null, desk: deskFor(act), misses: 0 };
    case 'close':
      return { ...state, phase: 'closed', asking: null, misses: 0 };
  }
}

/** What was understood of a decided turn stands in the log; the state need not carry it on. */
function afterwards(turn: Turn, state: DialogueState, { turn: on, data: { act, why, step } }: Decided): Turn {
  if (turn.id === on) {
    const { id, locale } = turn;
    return isWaiting(act)
      ? { id, locale, ...(turn.text && { text: turn.text }), steps: step }
      : { id, locale, decided: true };
  }
  if (act.kind !== 'supersede' || act.by !== turn.id || why.midTurn !== 'merge') return turn;
  const first = state.turns.find(({ id }) => id === on);
  const { intent = first?.merged?.intent, entities = first?.merged?.entities } = first ?? {};
  return inOrder({ ...turn, merged: { ...(intent && { intent }), ...(entities && { entities }) } });
}

/** Whether a turn goes on after this act, with what comes from outside. */
export const isWaiting = ({ kind }: Act): boolean =>
  kind === 'call' || kind === 'search' || kind === 'generate' || kind === 'choose';

const deskFor = ({ skill }: { readonly skill?: string }): Desk => ({
  agent: null,
  said: [],
  ...(skill !== undefined && { skill }),
});

/** What is left to say, or to offer, where no model helps. */
function keptOf(act: Act): Pick<Pending, 'best' | 'options'> {
  if (act.kind === 'choose') return { options: act.options };
  const best = act.kind === 'generate' ? act.passages[0] : undefined;
  return best ? { best } : {};
}

/** Whether a command is still to be decided: a timer that has run out beside what ends it has come too late. */
const isOpen = (command: Command, state: DialogueState, event: Decided): boolean =>
  command.id !== event.causation && !(command.kind === 'timer' && isOver(command.purpose, state, event));

function isOver(purpose: string, state: DialogueState, { turn, data: { act } }: Decided): boolean {
  switch (purpose) {
    case 'deadline':
      return turn === state.pending?.turn;
    case 'hand-over':
      return ['take', 'hand-back', 'ticket', 'close'].includes(act.kind);
    default:
      return ['take', 'hand-off', 'close'].includes(act.kind);
  }
}

/**
 * The decision whose timer is taken off the clock as one for this purpose is set: the one before, where nothing waits
 * for it any more. Without this each turn would end in a `timer.fired` for nobody, once its time is over.
 */
export function overtaken({ lastTimer, timers }: Partial<DialogueState>, purpose: Purpose): string | undefined {
  // A state that earlier rules made does not know.
  if (!lastTimer) return undefined;
  return timers?.some((it) => it.decision === lastTimer && it.purpose !== purpose) ? undefined : lastTimer;
}

/** The end of what was said, cut to what the state has room for. */
function remembered(says: readonly Said[]): readonly Said[] {
  const cut = says.map(({ slots, ...rest }) => ({
    ...rest,
    slots: Object.fromEntries(Object.entries(slots).map(([name, value]) => [name, whole(value.slice(0, VALUE_KEPT))])),
  }));
  const from = cut.findIndex((_, i) => JSON.stringify(cut.slice(i)).length <= SAID_KEPT);
  return from < 0 ? [] : cut.slice(from);
}
