import type { ConversationEvent } from '../../events/catalogue.ts';
import type { Snapshot } from '../../events/fields.ts';
import type { Bot } from '../bot/bot.ts';
import type { AnyDecider, Decision } from '../function/define.ts';
import type { Stored } from '../log/log.ts';
import { readEvent } from '../runtime/read-event.ts';
import { stateHash } from '../runtime/seal.ts';
import { dialogue } from '../session/fold.ts';
import type { DialogueState } from '../session/state.ts';
import { hasBeginning } from './chain.ts';
import { differences } from './diff.ts';
import type { Again, Chapter, Story, ToldDecision } from './story.ts';
import { tellEvent, tellTurn } from './tell.ts';

type Decided = Extract<ConversationEvent, { type: 'policy.decided' }>;

export interface ReplayOptions {
  /** Decides again what was decided. */
  readonly decider: AnyDecider;
  /** The bots that the session talked to; without one, its decisions are told but not made again. */
  readonly botOf: (hash: string) => Bot | undefined;
}

/**
 * Tells a session from its events, without any model: what was said, understood, decided and why, with the state
 * before and after each decision, and what this build would decide on the same basis. Fails like `readEvent`.
 */
export function replaySession(events: readonly Stored[], options: ReplayOptions): Story {
  const [first] = events;
  const read = events.map(readEvent);
  const decisions = redecide(read, hasBeginning(events), options);
  const { tenant = '', session = '' } = first?.envelope ?? {};
  return { tenant, session, chapters: chaptersOf(read, decisions) };
}

/** The bots that these events name, so that they can be loaded before the replay. */
export const botsIn = (events: readonly Stored[]): readonly string[] => [
  ...new Set(
    events.map(readEvent).flatMap((e) => {
      if (e.type === 'session.opened' || e.type === 'session.resumed') return [e.data.bot.hash];
      const state = e.type === 'policy.decided' ? (e.data.snapshot.state as unknown as DialogueState) : undefined;
      return state?.bot ? [state.bot.hash] : [];
    }),
  ),
];

function redecide(
  events: readonly ConversationEvent[],
  complete: boolean,
  options: ReplayOptions,
): ReadonlyMap<number, ToldDecision> {
  const told = new Map<number, ToldDecision>();
  let state: DialogueState | undefined = complete ? dialogue.initial : undefined;
  for (const event of events) {
    if (event.type === 'policy.decided') told.set(event.position, tellDecision(event, state, options));
    // What came before was purged: the first thing that carries a state is where the fold begins again.
    if (event.type === 'session.resumed' && event.data.archived) state ??= dialogue.initial;
    if (event.type === 'policy.decided') state ??= kept(event.data.snapshot);
    if (state) state = dialogue.evolve(state, event);
  }
  return told;
}

const kept = ({ fold, state }: Snapshot): DialogueState | undefined =>
  fold === dialogue.version ? (state as unknown as DialogueState) : undefined;

function tellDecision(event: Decided, folded: DialogueState | undefined, options: ReplayOptions): ToldDecision {
  const { step, act, why, snapshot } = event.data;
  const before = folded ?? (snapshot.state as unknown as DialogueState);
  const after = dialogue.evolve(before, event);
  return {
    position: event.position,
    basis: event.basis ?? 0,
    step,
    act,
    why,
    before,
    after,
    changes: differences(before, after),
    // Another fold's hash says nothing about this one's.
    hash: {
      stored: snapshot.hash,
      ...(folded && snapshot.fold === dialogue.version && { folded: stateHash(folded) }),
    },
    again: decideAgain(event, before, options),
  };
}

function decideAgain(event: Decided, state: DialogueState, { decider, botOf }: ReplayOptions): Again {
  const hash = decider.botOf(state);
  const bot = hash === undefined ? undefined : botOf(hash);
  if (hash !== undefined && !bot) return { kind: 'unknown', reason: 'the bot is no longer published' };
  const again = decider.decide(state, { now: new Date(event.time), bot }) as Decision<never> | undefined;
  const { snapshot: _, ...data } = event.data;
  const was = { cause: event.causation, ...(event.turn && { turn: event.turn }), data };
  const found = differences(was, again ?? { data: 'nothing' });
  return found.length === 0 ? { kind: 'same' } : { kind: 'differs', differences: found };
}

function chaptersOf(
  events: readonly ConversationEvent[],
  decisions: ReadonlyMap<number, ToldDecision>,
): readonly Chapter[] {
  const opened = new Set<string>();
  return events.flatMap((event): readonly Chapter[] => {
    const { turn } = event;
    if (turn === undefined) return [tellEvent(event, decisions)];
    if (opened.has(turn)) return [];
    opened.add(turn);
    const own = events.filter((e) => e.turn === turn);
    return [tellTurn(turn, own, decisions)];
  });
}
