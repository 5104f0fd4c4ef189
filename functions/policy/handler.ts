import { policyDecided } from '../../events/decision.ts';
import { controlRequested, sessionResumed, timerFired } from '../../events/session.ts';
import { turnDeadLettered } from '../../events/turn.ts';
import { entitiesExtracted, intentClassified, intentNotRecognised, stepFailed } from '../../events/understanding.ts';
import type { EventId } from '../../events/envelope.ts';
import { defineDecider, type Decision } from '../../shared/function/define.ts';
import { dialogue } from '../../shared/session/fold.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { STANDARD_RESPONSES } from '../../shared/bot/standard.ts';
import type { Command, DialogueState, Turn } from '../../shared/session/state.ts';
import { answer, type Answer } from './rules.ts';

/**
 * The one decider of a session. Commands and timers first, then the oldest turn that is ready; a turn that is not
 * ready yet keeps the later ones waiting, so that turns are decided in the order in which they were opened.
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
    // These let a turn that waited behind another one move up.
    turnDeadLettered,
    sessionResumed,
  ],
  emits: [policyDecided],
  limits: { timeoutMs: 1_000, attempts: 3 },
  fold: dialogue,
  botOf: (state) => state.bot?.hash,
  turns: (state) => state.turns.map(({ id, decided = false }) => ({ id, decided })),

  due({ phase, commands, turns }) {
    if (commands.length > 0) return {};
    const turn = turns.find((t) => !t.decided);
    const isReady = phase !== 'open' || (turn?.intent && turn.entities);
    return turn && isReady ? { turn: turn.id as EventId } : undefined;
  },

  decide(state, { bot }) {
    const [command] = state.commands;
    if (command) return commanded(state, command);
    const turn = state.turns.find((t) => !t.decided);
    if (!turn) return undefined;
    const next = opened(state, turn, bot);
    return next && decision(turn.id, turn.locale, next, turn.id);
  },
});

const decision = (
  cause: string,
  locale: string,
  { act, why }: Answer,
  turn?: string,
): Decision<typeof policyDecided> => ({
  cause: cause as EventId,
  ...(turn !== undefined && { turn: turn as EventId }),
  data: { step: 1, act, why, locale },
});

/** What becomes of a turn; undefined while it is not ready. */
function opened(state: DialogueState, turn: Turn, bot: Bot | undefined): Answer | undefined {
  switch (state.phase) {
    case 'none':
      return { act: { kind: 'refuse', reason: 'session was not opened' }, why: { rule: 'no-session' } };
    case 'closed':
      return { act: { kind: 'refuse', reason: 'session is closed' }, why: { rule: 'closed' } };
    case 'handed-off':
      return { act: { kind: 'forward' }, why: { rule: 'handed-off' } };
    case 'open':
      if (!bot || !turn.intent || !turn.entities) return undefined;
      return answer(bot, state, turn.intent, turn.entities);
  }
}

/** The fold lets only commands in that change something. */
function commanded(state: DialogueState, command: Command): Decision<typeof policyDecided> {
  const { locale, slots } = state;
  switch (command.kind) {
    case 'take':
      return decision(command.id, locale, { act: { kind: 'take', agent: command.agent }, why: { rule: 'agent' } });
    case 'hand-back':
      return decision(command.id, locale, { act: { kind: 'hand-back', agent: command.agent }, why: { rule: 'agent' } });
    case 'close':
      return decision(command.id, locale, {
        act: { kind: 'close', slots: {}, reason: 'asked by an agent' },
        why: { rule: 'agent' },
      });
    case 'timer':
      return decision(command.id, locale, {
        act: { kind: 'remind', response: state.asking?.response ?? STANDARD_RESPONSES.fallBack, slots },
        why: { rule: 'unanswered' },
      });
  }
}
