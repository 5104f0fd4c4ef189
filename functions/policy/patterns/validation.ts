import { PATTERN_PREFIX } from '../../../shared/bot/standard.ts';
import { begin, type Pattern } from '../plan.ts';

/** What was given cannot be the answer, for example a word where a number is asked for: says so, and asks again. */
export const refuseValue: Pattern = ({ state, question, refused, wanted }) => {
  if (!question || refused === undefined || wanted) return undefined;
  return {
    rule: 'value-refused',
    stack: [...state.stack, begin(`${PATTERN_PREFIX}invalid_value`)],
    refused: [question.slot],
    context: { context_value: refused },
  };
};
