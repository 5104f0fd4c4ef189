import { PATTERN_PREFIX } from '../../../shared/bot/standard.ts';
import { begin, type Pattern } from '../plan.ts';
import { candidatesOf } from './clarification.ts';

/**
 * What was given cannot be the answer, for example a word where a number is asked for: says so, and asks again. A wish
 * that came with it goes first, unless it is unclear which one it is.
 */
export const refuseValue: Pattern = (situation) => {
  const { state, question, refused, wanted } = situation;
  if (!question || refused === undefined || (wanted && candidatesOf(situation).length === 0)) return undefined;
  return {
    rule: 'value-refused',
    stack: [...state.stack, begin(`${PATTERN_PREFIX}invalid_value`)],
    refused: [question.slot],
    context: { context_value: refused },
  };
};
