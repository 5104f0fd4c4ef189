import type { Frame } from '../../../events/decision.ts';
import type { Flow } from '../../../shared/bot/bot.ts';
import { BEGIN, PATTERN_PREFIX } from '../../../shared/bot/standard.ts';
import { begin, type Pattern } from '../plan.ts';
import type { Situation } from '../situation.ts';

const PATTERN = `${PATTERN_PREFIX}correction`;

/**
 * The customer takes back what was said before: "no, I meant TS00000002", "不对，是 TS00000002". The last value counts
 * and is said back; the flow goes on from where it had asked for it. Without a value, the last question is put again.
 */
export const correctSlot: Pattern = (situation) => {
  const { state, current, filled, question } = situation;
  if (!current) return undefined;
  const asked = collectedBy(current);
  const corrected = asked.filter(
    (slot) =>
      slot !== question?.slot &&
      filled[slot] !== undefined &&
      state.slots[slot] !== undefined &&
      state.slots[slot] !== filled[slot],
  );
  const isSaid = saysCorrection(situation);
  if (corrected.length > 0 && (isSaid || isBeside(situation))) {
    const values = corrected.map((slot) => filled[slot] ?? '');
    return {
      rule: 'correction',
      stack: [...backTo(state.stack, current, corrected), begin(PATTERN)],
      answered: question && filled[question.slot] !== undefined ? [question.slot, ...corrected] : corrected,
      context: { context_value: values.join(state.locale.startsWith('zh') ? '、' : ', ') },
    };
  }
  const last = asked.findLast((slot) => state.slots[slot] !== undefined && slot !== question?.slot);
  if (!isSaid || !last || Object.keys(filled).length > 0) return undefined;
  return { rule: 'correction', stack: backTo(state.stack, current, [last]), forgets: [last] };
};

/** In so many words: the intent is that of correcting, or a no together with a value. */
function saysCorrection({ understood, program }: Situation): boolean {
  if (understood.kind !== 'classified') return false;
  return program.flowOf(understood.name)?.id === PATTERN;
}

/** Another value, without a wish of its own that would explain it. */
const isBeside = ({ wanted, current, understood, state }: Situation): boolean =>
  state.stack.length > 0
    ? !wanted || wanted.id === current?.id || !isWish(wanted)
    : understood.kind !== 'classified' || (wanted !== undefined && !isWish(wanted));

const isWish = (flow: Flow): boolean => flow.steps.some(({ kind }) => kind === 'collect' || kind === 'action');

const collectedBy = ({ steps }: Flow): readonly string[] =>
  steps.flatMap((step) => (step.kind === 'collect' ? [step.slot] : []));

/** The stack with the flow at its first step that collects one of the slots, unless it has not come so far. */
function backTo(stack: readonly Frame[], flow: Flow, slots: readonly string[]): readonly Frame[] {
  const asks = flow.steps.findIndex((step) => step.kind === 'collect' && slots.includes(step.slot));
  const step = flow.steps[asks]?.id ?? BEGIN;
  const at = stack.findLastIndex((frame) => frame.flow === flow.id);
  const frame = stack[at];
  if (!frame) return [...stack, { flow: flow.id, step }];
  const stands = flow.steps.findIndex(({ id }) => id === frame.step);
  // What the flow had called begins again, too.
  return [...stack.slice(0, at), stands < asks ? frame : { ...frame, step }];
}
