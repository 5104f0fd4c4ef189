import { PATTERN_PREFIX } from '../../../shared/bot/standard.ts';
import { begin, type Pattern } from '../plan.ts';

/** Looks up in the knowledge base what is not understood, where the bot has one. */
export const lookUp: Pattern = ({ program, state, text, understood }) =>
  program.bot.settings.knowledge !== undefined && text !== undefined && understood.kind !== 'failed'
    ? { rule: 'knowledge', stack: [...state.stack, begin(`${PATTERN_PREFIX}search`)] }
    : undefined;

/** Asks to say it differently; a person takes over where that was asked too often. */
export const fallBack: Pattern = ({ state }) => ({
  rule: 'not-understood',
  stack: [...state.stack, begin(`${PATTERN_PREFIX}cannot_handle`)],
});
