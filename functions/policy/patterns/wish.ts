import type { Flow } from '../../../shared/bot/bot.ts';
import type { Program } from '../../../shared/bot/program.ts';
import { ANSWERS, PATTERN_PREFIX, SMALL_TALK } from '../../../shared/bot/standard.ts';
import { begin, onTop, type Pattern } from '../plan.ts';
import { begins, othersOf, type Situation } from '../situation.ts';

/**
 * The flow of what the customer wants, on top of the one that is under way, which goes on after it. Small talk is a flow
 * that collects nothing; cancelling, restarting and repeating are flows that the platform has for every bot.
 */
export const followWish: Pattern = (situation) => {
  const { program, state, understood, wanted } = situation;
  if (!wanted || understood.kind !== 'classified') return undefined;
  const flow = secondOf(situation, wanted);
  // Two wishes in one message: the second one waits below the first.
  const stack = onTop(flow ? onTop(state.stack, flow) : state.stack, wanted);
  const greets = state.returned && wanted.intents.includes('greet') && welcomes(program);
  return {
    rule: flow ? 'two-intents' : 'flow',
    stack: greets ? [...stack, begin(`${PATTERN_PREFIX}session_start`)] : stack,
  };
};

/**
 * The flow of a second wish in the same message. Beside what the author wrote down word for word, or a button says, every
 * other intent is only its neighbour; and whoever says thanks, or no, beside a wish does not wish for that.
 */
function secondOf({ program, state, understood }: Situation, wanted: Flow): Flow | undefined {
  const { secondIntent } = program.bot.settings;
  if (secondIntent === undefined || understood.kind !== 'classified' || understood.confidence === 1) return undefined;
  return othersOf(understood)
    .filter(
      ({ name, confidence }) => confidence >= secondIntent && !ANSWERS.includes(name) && !SMALL_TALK.includes(name),
    )
    .map(({ name }) => begins(program, state, program.flowOf(name)))
    .find((flow) => flow !== undefined && flow.id !== wanted.id && !flow.id.startsWith(PATTERN_PREFIX));
}

/** Whether the bot has words of its own for somebody who has come back. */
const welcomes = ({ bot }: Program): boolean =>
  Object.hasOwn(bot.responses, 'utter_welcome_back') ||
  bot.flows.some(({ id }) => id === `${PATTERN_PREFIX}session_start`);
