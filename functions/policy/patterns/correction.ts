import type { Frame } from '../../../events/decision.ts';
import type { Flow, FlowStep } from '../../../shared/bot/bot.ts';
import type { Program } from '../../../shared/bot/program.ts';
import { BEGIN, PATTERN_PREFIX } from '../../../shared/bot/standard.ts';
import { DEEPEST } from '../../../shared/session/state.ts';
import { begin, type Pattern } from '../plan.ts';
import type { Situation } from '../situation.ts';

const PATTERN = `${PATTERN_PREFIX}correction`;

/**
 * The customer takes back what was said before: "no, I meant TS00000002", "不对，是 TS00000002". The last value counts
 * and is said back; the flow goes on from where it had asked for it. Without a value, the last question is put again.
 */
export const correctSlot: Pattern = (situation) => {
  const { program, state, current, filled, question } = situation;
  if (!current) return undefined;
  const asked = current.steps.flatMap((step) => collectedBy(program, step));
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
    // A yes or no beside another value is about that value: whether to go on is asked again.
    const isAnswered = question && filled[question.slot] !== undefined && program.slot(question.slot)?.type !== 'bool';
    return {
      rule: 'correction',
      stack: [...backTo(situation, current, corrected), begin(PATTERN)],
      answered: isAnswered ? [question.slot, ...corrected] : corrected,
      context: { context_value: values.join(state.locale.startsWith('zh') ? '、' : ', ') },
    };
  }
  const last = asked.findLast((slot) => state.slots[slot] !== undefined && slot !== question?.slot);
  if (!isSaid || !last || Object.keys(filled).length > 0) return undefined;
  return { rule: 'correction', stack: backTo(situation, current, [last]), forgets: [last] };
};

/** In so many words: the intent is that of correcting, or a no together with a value. */
function saysCorrection({ understood, program }: Situation): boolean {
  if (understood.kind !== 'classified') return false;
  return program.flowOf(understood.name)?.id === PATTERN;
}

/** Another value, without a wish of its own that would explain it. */
const isBeside = ({ wanted, current, state }: Situation): boolean =>
  state.stack.length > 0 ? !wanted || wanted.id === current?.id || !isWish(wanted) : !wanted || !isWish(wanted);

const isWish = (flow: Flow): boolean => flow.steps.some(({ kind }) => kind === 'collect' || kind === 'action');

/** The slots that a step collects, itself or in the flow that it calls. */
function collectedBy(program: Program, step: FlowStep, deep = 0): readonly string[] {
  if (step.kind === 'collect') return [step.slot];
  if (step.kind !== 'call' || deep >= DEEPEST) return [];
  return (program.flow(step.flow)?.steps ?? []).flatMap((s) => collectedBy(program, s, deep + 1));
}

/** The stack with the flow at its first step that collects one of the slots, unless it has not come so far. */
function backTo({ program, state: { stack } }: Situation, flow: Flow, slots: readonly string[]): readonly Frame[] {
  const asks = flow.steps.findIndex((step) => collectedBy(program, step).some((slot) => slots.includes(slot)));
  const step = flow.steps[asks]?.id ?? BEGIN;
  const at = stack.findLastIndex((frame) => frame.flow === flow.id);
  const frame = stack[at];
  if (!frame) return [...stack, { flow: flow.id, step }];
  const stands = flow.steps.findIndex(({ id }) => id === frame.step);
  // What the flow had called begins again, too.
  return [...stack.slice(0, at), stands < asks ? frame : { ...frame, step }];
}
