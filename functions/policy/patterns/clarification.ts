import { PATTERN_PREFIX } from '../../../shared/bot/standard.ts';
import type { Pattern } from '../plan.ts';
import { othersOf, type Situation } from '../situation.ts';

const RESPONSE = 'utter_clarify';

/** Several things could be meant, and nearly as likely as one another: asks which, with a button for each. */
export const clarify: Pattern = (situation) => {
  const { program, state } = situation;
  const options = close(situation);
  if (options.length < 2) return undefined;
  const said = program.flow(`${PATTERN_PREFIX}clarification`)?.steps.find(({ kind }) => kind === 'say');
  const response = said?.kind === 'say' ? said.response : RESPONSE;
  return {
    rule: 'clarification',
    // The flow that is under way waits; what is chosen begins on top of it.
    stack: [...state.stack, { flow: `${PATTERN_PREFIX}listen`, step: '1' }],
    says: [{ response, slots: {}, options: [...options] }],
  };
};

/** The intents between which the classifier could not decide. */
function close({ program, understood }: Situation): readonly string[] {
  const { clarifyWithin, threshold } = program.bot.settings;
  if (clarifyWithin === undefined || understood.kind === 'failed') return [];
  const ranked =
    understood.kind === 'classified'
      ? [{ name: understood.name, confidence: understood.confidence }, ...othersOf(understood)]
      : othersOf(understood);
  const best = ranked[0]?.confidence ?? 0;
  // Far below what counts as recognised, there is nothing to choose from.
  if (best < threshold - clarifyWithin || best === 1) return [];
  const near = ranked.filter(({ name, confidence }) => best - confidence <= clarifyWithin && program.flowOf(name));
  const flows = near.map(({ name }) => program.flowOf(name)?.id);
  return near.filter((_, i) => flows.indexOf(flows[i]) === i).map(({ name }) => name);
}
