import type { Said } from '../../events/decision.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { programOf } from '../../shared/bot/program.ts';
import { STANDARD_RESPONSES } from '../../shared/bot/standard.ts';
import type { Command, DialogueState } from '../../shared/session/state.ts';
import { timerOf, unchanged, type Answer } from './answer.ts';

const HAND_BACK = 'utter_hand_back';

/** What becomes of a command of an agent, or of a timer. The fold lets only those in that change something. */
export function commanded(bot: Bot | undefined, state: DialogueState, command: Command): Answer {
  const { kind } = command;
  switch (kind) {
    case 'take':
      return unchanged(state, { kind, agent: command.agent }, 'agent');
    case 'hand-back': {
      // A bot that has words for it says that it is back; others wait for the customer.
      const has = bot && programOf(bot).response(HAND_BACK).length > 0;
      const says = has ? [said(bot, state, HAND_BACK, atDesk(state))] : [];
      return timed(bot, unchanged(state, { kind, agent: command.agent }, 'agent', says));
    }
    case 'close':
      return emptied(unchanged(state, { kind, reason: 'asked by an agent' }, 'agent'));
    case 'timer':
      return afterTimer(bot, state, command.purpose);
  }
}

function afterTimer(
  bot: Bot | undefined,
  state: DialogueState,
  purpose: Extract<Command, { kind: 'timer' }>['purpose'],
): Answer {
  switch (purpose) {
    case 'silence': {
      const response = state.asking?.response ?? STANDARD_RESPONSES.fallBack;
      return timed(bot, unchanged(state, { kind: 'remind' }, 'unanswered', [said(bot, state, response)]));
    }
    case 'idle': {
      const says = [said(bot, state, 'utter_idle_close')];
      return emptied(unchanged(state, { kind: 'close', reason: 'the customer has gone' }, 'idle', says));
    }
    case 'hand-over': {
      const reason = 'nobody took over in time';
      const says = [said(bot, state, 'utter_no_agent')];
      const skill = state.desk?.skill;
      const act = { kind: 'ticket', reason, ...(skill !== undefined && { skill }) } as const;
      return timed(bot, unchanged(state, act, 'hand-over-late', says));
    }
  }
}

const emptied = (answer: Answer): Answer => ({ ...answer, stack: [] });

function timed(bot: Bot | undefined, answer: Answer): Answer {
  const timer = bot && timerOf(bot.settings, answer.act);
  return timer ? { ...answer, timer } : answer;
}

/** What a response may say of the person who had the conversation. */
const atDesk = ({ desk }: DialogueState): Said['slots'] => ({
  context_agent: desk?.agent ?? '',
  context_agent_said: desk?.said.join(' ') ?? '',
});

function said(bot: Bot | undefined, { slots }: DialogueState, response: string, context: Said['slots'] = {}): Said {
  const needed = bot ? programOf(bot).needs(response) : [];
  const values = Object.entries({ ...slots, ...context }).filter(([slot]) => needed.includes(slot));
  return { response, slots: Object.fromEntries(values) };
}
