// @ts-check
/** @import { SessionEvent } from './sse.js' */

/**
 * @typedef {{ kind: 'slot' | 'asking' | 'misses' | 'phase', name: string, before: string, after: string }} Change
 * @typedef {{ event: SessionEvent, afterMs: number | undefined, startMs: number, changes: readonly Change[] }} Step
 * @typedef {{
 *   id: string,
 *   number: number,
 *   said: string,
 *   steps: Step[],
 *   ending: SessionEvent | undefined,
 *   beganMs: number,
 *   lastMs: number,
 * }} Turn
 * @typedef {{ slots: Readonly<Record<string, string>>, asking: string, misses: number, phase: string }} State
 */

/** What the page knows of a session: its turns and where the conversation stands, folded from its events. */
export function emptyModel() {
  return {
    /** @type {Map<string, Turn>} */
    turns: new Map(),
    /** @type {State} */
    state: { slots: {}, asking: '', misses: 0, phase: 'open' },
    position: 0,
    /** @type {Map<string | number, number>} When each event happened, by its id and by its position. */
    times: new Map(),
  };
}

/**
 * Takes in an event; each one once and in the order of the log. Returns the turn that it belongs to.
 *
 * @param {ReturnType<typeof emptyModel>} model
 * @param {SessionEvent} event
 * @returns {Turn | undefined}
 */
export function take(model, event) {
  model.position = event.position;
  const at = Date.parse(event.time);
  model.times.set(event.id, at).set(event.position, at);
  const before = model.state;
  model.state = next(before, event);
  if (event.turn === undefined) return undefined;

  let turn = model.turns.get(event.turn);
  if (!turn) {
    const said = event.type === 'utterance.received' ? event.data.text : '';
    turn = {
      id: event.turn,
      number: model.turns.size + 1,
      said,
      steps: [],
      ending: undefined,
      beganMs: at,
      lastMs: at,
    };
    model.turns.set(event.turn, turn);
  }
  // A decision begins with the last thing that it had to wait for.
  const since = model.times.get(event.basis ?? event.causation ?? '');
  turn.steps.push({
    event,
    // Clocks of two machines may differ: nothing comes before its cause.
    afterMs: since === undefined ? undefined : Math.max(0, at - since),
    startMs: Math.max(0, (since ?? at) - turn.beganMs),
    changes: changes(before, model.state),
  });
  turn.lastMs = Math.max(turn.lastMs, at);
  if (event.type.startsWith('turn.')) turn.ending ??= event;
  return turn;
}

/**
 * What a decision makes of the conversation, as far as customers can tell.
 *
 * @param {State} state
 * @param {SessionEvent} event
 * @returns {State}
 */
function next(state, event) {
  if (event.type === 'session.resumed') return { ...state, phase: 'open' };
  if (event.type === 'session.closed') return { ...state, phase: 'closed' };
  if (event.type !== 'policy.decided') return state;
  const { act, forgets } = event.data;
  /** @type {[string, string][]} */
  const known = Object.entries({ ...state.slots, ...event.data.slots });
  const slots = Object.fromEntries(known.filter(([slot]) => !forgets.includes(slot)));
  switch (act.kind) {
    case 'respond':
      return { ...state, slots, asking: '', misses: 0 };
    case 'ask':
      return { ...state, slots, asking: act.slot, misses: act.again ? state.misses + 1 : 0 };
    case 'fall-back':
      return { ...state, slots, misses: state.misses + 1 };
    case 'hand-off':
      return { slots, asking: '', misses: 0, phase: 'handed-off' };
    case 'close':
      return { slots, asking: '', misses: 0, phase: 'closed' };
    case 'take':
      return { ...state, phase: 'handed-off' };
    case 'hand-back':
    case 'ticket':
      return { ...state, phase: 'open', misses: 0 };
    case 'call':
    case 'search':
    case 'generate':
    case 'choose':
      return { ...state, slots };
    default:
      return state;
  }
}

/**
 * @param {State} before
 * @param {State} after
 * @returns {readonly Change[]}
 */
function changes(before, after) {
  /** @type {Change[]} */
  const found = [];
  if (before === after) return found;
  for (const [name, value] of Object.entries(after.slots)) {
    const was = before.slots[name] ?? '';
    if (was !== value) found.push({ kind: 'slot', name, before: was, after: value });
  }
  for (const [name, was] of Object.entries(before.slots)) {
    if (!(name in after.slots)) found.push({ kind: 'slot', name, before: was, after: '' });
  }
  for (const kind of /** @type {const} */ (['asking', 'misses', 'phase'])) {
    const [was, is] = [String(before[kind]), String(after[kind])];
    if (was !== is) found.push({ kind, name: kind, before: was, after: is });
  }
  return found;
}
