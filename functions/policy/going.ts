import type { Frame, Said } from '../../events/decision.ts';
import { neededBy } from '../../shared/bot/actions.ts';
import type { Flow } from '../../shared/bot/bot.ts';
import type { Lookup } from '../../shared/bot/conditions/evaluate.ts';
import type { Program } from '../../shared/bot/program.ts';
import { PATTERN_PREFIX } from '../../shared/bot/standard.ts';
import type { DialogueState, Outcome } from '../../shared/session/state.ts';

/** Where a run begins, and what it knows. */
export interface Start {
  readonly program: Program;
  readonly state: DialogueState;
  readonly text: string | undefined;
  readonly stack: readonly Frame[];
  /** The slots that this turn fills, over those of the state. */
  readonly set: Readonly<Record<string, string>>;
  readonly forgets: readonly string[];
  readonly says: readonly Said[];
  /** The slots whose question has been answered, so that it is not put once more. */
  readonly answered: readonly string[];
  /** The slots for which something was given that they cannot hold. */
  readonly refused: readonly string[];
  /** What came from outside for the step that the current flow stands at. */
  readonly outcome?: Outcome;
  /** What responses may say beside the slots. */
  readonly context: Readonly<Record<string, string>>;
}

/** A run under way: the one place where the policy changes anything, and nobody else sees it. */
export interface Going {
  readonly start: Start;
  stack: Frame[];
  set: Map<string, string>;
  forgets: Set<string>;
  says: Said[];
  path: string[];
  cites: string[];
  context: Readonly<Record<string, string>>;
  outcome: Outcome | undefined;
}

/** Says a response, with the values that it needs as they are now. */
export function say(going: Going, response: string, more: Partial<Said> = {}): void {
  going.says.push({ response, slots: valuesFor(going, response), ...more });
}

function valuesFor(going: Going, response: string): Said['slots'] {
  const values = going.start.program.needs(response).map((name) => [name, going.context[name] ?? valueOf(going, name)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Said['slots'];
}

/** A slot's value as it is now. */
export const valueOf = (going: Going, slot: string): string | undefined => {
  if (going.set.has(slot)) return going.set.get(slot);
  const { program, state } = going.start;
  const initial = program.slot(slot)?.initial;
  return going.forgets.has(slot) || !Object.hasOwn(state.slots, slot) ? initial : state.slots[slot];
};

/** Fills a slot, or empties it. */
export function setSlot(going: Going, slot: string, value: string | null): void {
  if (value === null) {
    going.set.delete(slot);
    going.forgets.add(slot);
  } else {
    going.forgets.delete(slot);
    going.set.set(slot, value);
    own(going, slot);
  }
}

/** A slot that the current flow has got filled: cancelling the flow empties it. */
export function own(going: Going, slot: string): void {
  const frame = going.stack.at(-1);
  if (!frame || !going.set.has(slot) || frame.set?.includes(slot)) return;
  going.stack[going.stack.length - 1] = inOrder({ ...frame, set: [...(frame.set ?? []), slot] });
}

/** Puts the current flow at a step. */
export function move(going: Going, step: string): void {
  const frame = going.stack.at(-1);
  if (frame && frame.step !== step) going.stack[going.stack.length - 1] = inOrder({ ...frame, step });
}

const inOrder = ({ flow, step, set, called }: Frame): Frame => ({
  flow,
  step,
  ...(set && { set }),
  ...(called && { called }),
});

/** An action is told what it says it needs, else what its flow collects and sets, and nothing else of the customer. */
export function argumentsOf(going: Going, { steps }: Flow, action: string): Readonly<Record<string, string>> {
  const rule = going.start.program.bot.actions?.find(({ name }) => name === action);
  const names = rule
    ? neededBy(rule)
    : steps.flatMap((s) =>
        s.kind === 'collect' ? [s.slot] : s.kind === 'set' ? s.values.map(({ slot }) => slot) : [],
      );
  const values = [...new Set(names)].map((slot) => [slot, valueOf(going, slot)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Record<string, string>;
}

/** What conditions can look at. */
export function lookupIn(going: Going): Lookup {
  const { state } = going.start;
  const { outcome } = going;
  return (path) => {
    if (path.startsWith('slots.')) return valueOf(going, path.slice('slots.'.length)) ?? null;
    switch (path) {
      case 'outcome.failed':
        return outcome?.kind === 'failed';
      case 'outcome.reason':
        return outcome?.kind === 'failed' ? outcome.reason : null;
      case 'outcome.answered':
        return outcome?.kind === 'answered' || (outcome?.kind === 'found' && outcome.answered);
      case 'session.active':
        return going.stack.some(({ flow }) => !flow.startsWith(PATTERN_PREFIX));
      case 'session.channel':
        return state.channel;
      case 'session.locale':
        return state.locale;
      case 'session.returned':
        return state.returned;
      case 'session.heard':
        return state.told?.heard?.words ?? null;
      case 'session.agent':
        return state.desk?.agent ?? null;
      default:
        return null;
    }
  };
}
