import { onTop, type Pattern } from '../plan.ts';

/**
 * The customer answers the open question. A new wish beside the value ("TS12345678, and I want my money back") is taken
 * up first, and the flow that asked goes on after it.
 */
export const answerQuestion: Pattern = ({ state, question, filled, wanted }) => {
  if (!question || filled[question.slot] === undefined) return undefined;
  const answered = [question.slot];
  const isNewWish =
    wanted !== undefined && wanted.id !== question.flow && wanted.steps.some(({ kind }) => kind === 'collect');
  return isNewWish
    ? { rule: 'flow', stack: onTop(state.stack, wanted), answered }
    : { rule: 'question-answered', stack: state.stack, answered };
};
