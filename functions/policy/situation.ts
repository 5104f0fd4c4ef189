import type { Bot, Flow, SlotRule } from '../../shared/bot/bot.ts';
import { programOf, stepOf, type Program } from '../../shared/bot/program.ts';
import { PATTERN_PREFIX } from '../../shared/bot/standard.ts';
import type { DialogueState, Entity, Ranked, Turn, Understanding } from '../../shared/session/state.ts';

/** Everything that a turn is answered from. */
export interface Situation {
  readonly program: Program;
  readonly state: DialogueState;
  readonly understood: Understanding;
  readonly text: string | undefined;
  /** The flow of what the customer wants, where one may begin. */
  readonly wanted: Flow | undefined;
  /** The slot that is asked for, and the flow that waits for it. */
  readonly question: { readonly slot: string; readonly flow: string } | undefined;
  /** The slots that this turn has values for. */
  readonly filled: Readonly<Record<string, string>>;
  /** What was given for the open question and cannot be its answer. */
  readonly refused: string | undefined;
  /** The flow that the customer is in, or was in last. */
  readonly current: Flow | undefined;
}

/** Looks at a turn that is understood, in its session. */
export function situationOf(bot: Bot, state: DialogueState, turn: Turn): Situation {
  const program = programOf(bot);
  const understood = understandingOf(turn);
  const entities = [...(turn.merged?.entities ?? []), ...(turn.entities ?? [])];
  const question = openQuestion(program, state);
  const isPressed = turn.sets !== undefined;
  const wanted =
    understood.kind === 'classified' && !isPressed
      ? begins(program, state, program.flowOf(understood.name))
      : undefined;
  const given = givenFor(program, { turn, entities, understood, question: question?.slot, wanted });
  const filled: Record<string, string> = {};
  let refused: string | undefined;
  for (const [name, value] of given) {
    const taken = accepted(program.slot(name), value);
    if (taken !== undefined) filled[name] ??= taken;
    else if (name === question?.slot) refused = value;
  }
  if (question && filled[question.slot] !== undefined) refused = undefined;
  // The one that called the flow on top, where that was called.
  const top =
    state.stack.findLast(({ flow, called }) => !called && !flow.startsWith(PATTERN_PREFIX))?.flow ?? state.done;
  const current = top === null ? undefined : program.flow(top);
  return { program, state, understood, text: turn.text, wanted, question, filled, refused, current };
}

/** What the customer wants, and what it could be instead. */
export const othersOf = (understood: Understanding): readonly Ranked[] =>
  understood.kind === 'failed' ? [] : (understood.others ?? []);

function understandingOf({ intent = { kind: 'failed' }, merged }: Turn): Understanding {
  return intent.kind === 'classified' ? intent : (merged?.intent ?? intent);
}

/** The flow, where nothing forbids that it begins. */
export function begins(program: Program, state: DialogueState, flow: Flow | undefined): Flow | undefined {
  if (flow?.when === undefined) return flow;
  const lookup = (path: string) =>
    path.startsWith('slots.') ? (state.slots[path.slice('slots.'.length)] ?? null) : null;
  return program.holds(flow.when, lookup) ? flow : undefined;
}

/** The question that the flow on top is at, whether or not it was the last thing to be said. */
function openQuestion(program: Program, { stack, asking }: DialogueState): Situation['question'] {
  const top = stack.at(-1);
  const flow = top && program.flow(top.flow);
  const step = flow && stepOf(flow, top.step);
  if (step?.kind === 'collect') return { slot: step.slot, flow: flow?.id ?? '' };
  return asking ? { slot: asking.slot, flow: asking.flow } : undefined;
}

interface Told {
  readonly turn: Turn;
  readonly entities: readonly Entity[];
  readonly understood: Understanding;
  readonly question: string | undefined;
  readonly wanted: Flow | undefined;
}

/** The values that a turn gives for slots, before anything is said against them. */
function givenFor(program: Program, told: Told): readonly (readonly [string, string])[] {
  const { turn, entities, understood, question, wanted } = told;
  const pressed = Object.entries(turn.sets ?? {}).filter(([slot]) => program.slot(slot));
  // What is said instead of an answer is not one, and neither is a value for something else.
  const isBare = !wanted && !entities.some((e) => fillsAnother(program, e, question));
  const spoken = program.slots
    .filter(({ name }) => program.collects(name))
    .flatMap((slot) =>
      slot.fill.flatMap((from): readonly (readonly [string, string])[] => {
        switch (from.from) {
          case 'entity': {
            const found = entities.find(
              (e) =>
                e.entity === from.entity &&
                (from.role === undefined || e.role === from.role) &&
                (from.group === undefined || e.group === from.group),
            );
            return found ? [[slot.name, slot.type === 'float' ? (found.normalised ?? found.value) : found.value]] : [];
          }
          case 'intent':
            return understood.kind === 'classified' && understood.name === from.intent && isAbout(slot.name, question)
              ? [[slot.name, from.value]]
              : [];
          case 'text':
            return slot.name === question && turn.text !== undefined && isBare ? [[slot.name, turn.text]] : [];
        }
      }),
    );
  return [...pressed, ...spoken];
}

const fillsAnother = ({ slots, collects }: Program, { entity }: Entity, question: string | undefined): boolean =>
  slots.some(
    ({ name, fill }) =>
      name !== question && collects(name) && fill.some((it) => it.from === 'entity' && it.entity === entity),
  );

/** A yes answers the question that was asked, and no other. */
const isAbout = (slot: string, question: string | undefined): boolean => slot === question;

/** A number, with a few words around it at most. */
const NUMBER = /^[^\d]{0,12}?(-?\d{1,15}(?:[.,]\d{1,9})?)[^\d]{0,12}$/u;
const LONGEST_VALUE = 400;

/** The value as the slot keeps it; undefined where the slot cannot hold it. */
function accepted(slot: SlotRule | undefined, value: string): string | undefined {
  const text = value.trim();
  if (!slot || text === '' || text.length > LONGEST_VALUE) return undefined;
  switch (slot.type) {
    case 'text':
      return text;
    case 'bool':
      return text === 'true' || text === 'false' ? text : undefined;
    case 'float':
      return NUMBER.exec(text.normalize('NFKC'))?.[1]?.replace(',', '.');
    case 'categorical': {
      const plain = text.normalize('NFKC').toLowerCase();
      return slot.values?.find((it) => it.toLowerCase() === plain) ?? numbered(slot.values ?? [], plain);
    }
  }
}

/** A choice among numbers may come with words around it: `5 分`. */
const numbered = (values: readonly string[], text: string): string | undefined =>
  values.every((it) => NUMBER.test(it)) ? values.find((it) => it === NUMBER.exec(text)?.[1]) : undefined;
