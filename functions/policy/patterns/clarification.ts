import { ANSWERS, PATTERN_PREFIX } from '../../../shared/bot/standard.ts';
import type { Program } from '../../../shared/bot/program.ts';
import type { DialogueState, Pending } from '../../../shared/session/state.ts';
import { onTop, type Pattern, type Plan } from '../plan.ts';
import { begins, othersOf, type Situation } from '../situation.ts';

const RESPONSE = 'utter_clarify';

/**
 * Several things could be meant, and nearly as likely as one another: asks which, with a button for each. Where the bot
 * wants that, a language model is asked first. Beside an open question one of them has to be sure enough to be a wish:
 * what is only unlike an answer is no reason to ask something else.
 */
export const clarify: Pattern = (situation) => {
  const { program, state, text } = situation;
  const options = candidatesOf(situation);
  if (options.length === 0) return undefined;
  return program.bot.settings.unsure === 'model' && text !== undefined
    ? { rule: 'unsure', stack: state.stack, asks: { kind: 'choose', query: text, options: [...options] } }
    : askWhich(program, state, options);
};

/**
 * What is done about a language model's choice: the flow of an intent that it was offered, and that may begin; whatever
 * else it says, the customer is asked.
 */
export function afterChoice(program: Program, state: DialogueState, { options = [], outcome }: Pending): Plan {
  const intent = outcome?.kind === 'suggested' ? outcome.intent : undefined;
  const flow =
    intent !== undefined && options.includes(intent) ? begins(program, state, program.flowOf(intent)) : undefined;
  return flow ? { rule: 'suggested', stack: onTop(state.stack, flow) } : askWhich(program, state, options);
}

/** Asks which is meant, with a button for each. */
function askWhich(program: Program, state: DialogueState, options: readonly string[]): Plan {
  const said = program.flow(`${PATTERN_PREFIX}clarification`)?.steps.find(({ kind }) => kind === 'say');
  const response = said?.kind === 'say' ? said.response : RESPONSE;
  return {
    rule: 'clarification',
    // The flow that is under way waits; what is chosen begins on top of it.
    stack: [...state.stack, { flow: `${PATTERN_PREFIX}listen`, step: '1' }],
    says: [{ response, slots: {}, options: [...options] }],
  };
}

/** The intents between which the classifier could not decide, and the customer may; fewer than two: none. */
export function candidatesOf({ program, understood, question }: Situation): readonly string[] {
  const { clarifyWithin, threshold } = program.bot.settings;
  if (clarifyWithin === undefined || understood.kind === 'failed') return [];
  if (question && understood.kind !== 'classified') return [];
  const ranked =
    understood.kind === 'classified'
      ? [{ name: understood.name, confidence: understood.confidence }, ...othersOf(understood)]
      : othersOf(understood);
  const best = ranked[0]?.confidence ?? 0;
  // Far below what counts as recognised, there is nothing to choose from.
  if (best < threshold - clarifyWithin || best === 1) return [];
  const near = ranked.filter(
    ({ name, confidence }) => best - confidence <= clarifyWithin && !ANSWERS.includes(name) && program.flowOf(name),
  );
  const flows = near.map(({ name }) => program.flowOf(name)?.id);
  const options = near.filter((_, i) => flows.indexOf(flows[i]) === i).map(({ name }) => name);
  return options.length < 2 ? [] : options;
}
