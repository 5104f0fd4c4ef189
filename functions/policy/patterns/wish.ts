import type { Program } from '../../../shared/bot/program.ts';
import { PATTERN_PREFIX } from '../../../shared/bot/standard.ts';
import { begin, onTop, type Pattern } from '../plan.ts';
import { othersOf } from '../situation.ts';

/**
 * The flow of what the customer wants, on top of the one that is under way, which goes on after it. Small talk is a flow
 * that collects nothing; cancelling, restarting and repeating are flows that the platform has for every bot.
 */
export const followWish: Pattern = ({ program, state, understood, wanted }) => {
  if (!wanted || understood.kind !== 'classified') return undefined;
  const { secondIntent } = program.bot.settings;
  const second =
    secondIntent === undefined
      ? undefined
      : othersOf(understood).find(
          ({ name, confidence }) => confidence >= secondIntent && (program.flowOf(name) ?? wanted).id !== wanted.id,
        );
  const flow = second && program.flowOf(second.name);
  // Two wishes in one message: the second one waits below the first.
  const stack = onTop(flow ? onTop(state.stack, flow) : state.stack, wanted);
  const greets = state.returned && wanted.intents.includes('greet') && welcomes(program);
  return {
    rule: flow ? 'two-intents' : 'flow',
    stack: greets ? [...stack, begin(`${PATTERN_PREFIX}session_start`)] : stack,
  };
};

/** Whether the bot has words of its own for somebody who has come back. */
const welcomes = ({ bot }: Program): boolean =>
  Object.hasOwn(bot.responses, 'utter_welcome_back') ||
  bot.flows.some(({ id }) => id === `${PATTERN_PREFIX}session_start`);
