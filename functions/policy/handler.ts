import { isWaiting } from '../../shared/session/decided.ts';
import { policyDecided } from '../../events/decision.ts';
import type { EventId } from '../../events/envelope.ts';
import {
  actionCompleted,
  actionFailed,
  answerFailed,
  answerGenerated,
  flowSuggested,
  passagesFound,
} from '../../events/outside.ts';
import { controlRequested, sessionResumed, timerFired } from '../../events/session.ts';
import { turnDeadLettered } from '../../events/turn.ts';
import { entitiesExtracted, intentClassified, intentNotRecognised, stepFailed } from '../../events/understanding.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { defineDecider, type Decision } from '../../shared/function/define.ts';
import { dialogue } from '../../shared/session/fold.ts';
import type { DialogueState, Turn } from '../../shared/session/state.ts';
import { answer, beside, goOn, unchanged, type Answer } from './answer.ts';
import { commanded } from './commanded.ts';
import { givesWay, midTurnOf } from './mid-turn.ts';

/** More decisions than this about one turn are a circle through the outside world. */
const MOST_STEPS = 20;

/**
 * The one decider of a session. Commands and timers first, then the oldest turn that is ready; a turn that is not
 * ready yet, or that waits for the outside world, keeps the later ones waiting, so that turns are decided in the order
 * in which they were opened, unless the bot says that a later message is merged or interrupts.
 */
export const policy = defineDecider({
  name: 'policy',
  on: [
    intentClassified,
    intentNotRecognised,
    entitiesExtracted,
    stepFailed,
    controlRequested,
    timerFired,
    // What a turn asked of the outside world.
    actionCompleted,
    actionFailed,
    passagesFound,
    answerGenerated,
    flowSuggested,
    answerFailed,
    // These let a turn that waited behind another one move up.
    turnDeadLettered,
    sessionResumed,
  ],
  emits: [policyDecided],
  limits: { timeoutMs: 1_000, attempts: 3 },
  fold: dialogue,
  botOf: (state) => state.bot?.hash,
  // A turn that waits for the outside world has a decision that somebody has to carry out.
  turns: ({ turns, pending }) =>
    turns.map(({ id, decided = false }) => ({ id, decided: decided || pending?.turn === id })),

  due(state) {
    if (state.commands.length > 0) return {};
    const turn = state.turns.find((t) => !t.decided);
    return turn && isReady(state, turn) ? { turn: turn.id as EventId } : undefined;
  },

  decide(state, { bot }) {
    const [command] = state.commands;
    if (command) return decision(command.id, state.locale, commanded(bot, state, command));
    const [turn, next] = state.turns.filter((t) => !t.decided);
    if (!turn) return undefined;
    const answered = opened(state, turn, next, bot);
    return answered && decision(turn.id, localeOf(state, turn, answered), answered, turn);
  },
});

const decision = (cause: string, locale: string, data: Answer, turn?: Turn): Decision<typeof policyDecided> => ({
  cause: cause as EventId,
  ...(turn && { turn: turn.id as EventId }),
  data: { step: (turn?.steps ?? 0) + 1, ...data, locale },
});

function isReady({ phase, pending }: DialogueState, turn: Turn): boolean {
  if (phase !== 'open') return true;
  return pending?.turn === turn.id ? pending.outcome !== undefined : Boolean(turn.intent && turn.entities);
}

/** What becomes of a turn; undefined while it is not ready. */
function opened(state: DialogueState, turn: Turn, next: Turn | undefined, bot: Bot | undefined): Answer | undefined {
  switch (state.phase) {
    case 'none':
      return unchanged(state, { kind: 'refuse', reason: 'session was not opened' }, 'no-session');
    case 'closed':
      return unchanged(state, { kind: 'refuse', reason: 'session is closed' }, 'closed');
    case 'handed-off':
      return { ...unchanged(state, { kind: 'forward' }, 'handed-off'), stack: [] };
    case 'open': {
      if (!bot) return undefined;
      const policy = midTurnOf(bot, state.channel);
      const way = givesWay(state, turn, next, policy);
      if (way) return way;
      if (!isReady(state, turn)) return undefined;
      const answered =
        state.pending?.turn === turn.id ? goOn(bot, state, turn, state.pending) : answer(bot, state, turn);
      const said = isWaiting(answered.act) && (turn.steps ?? 0) >= MOST_STEPS ? tooLong(state, answered) : answered;
      return beside(said, next && policy);
    }
  }
}

/** A turn that asks the outside world again and again is ended, with an apology. */
const tooLong = (state: DialogueState, { says }: Answer): Answer => ({
  ...unchanged(state, { kind: 'respond' }, 'too-long', [...says, { response: 'utter_internal_error', slots: {} }]),
  stack: [],
});

/** The language that the bot was told to speak, else the one that it was spoken to in. */
function localeOf({ slots }: DialogueState, { locale }: Turn, { slots: set, forgets }: Answer): string {
  const chosen = set['language'] ?? (forgets.includes('language') ? undefined : slots['language']);
  return chosen !== undefined && /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/u.test(chosen) ? chosen : locale;
}
