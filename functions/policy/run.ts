import type { Act, Frame, Said } from '../../events/decision.ts';
import type { Flow, FlowStep } from '../../shared/bot/bot.ts';
import type { Lookup } from '../../shared/bot/conditions/evaluate.ts';
import { branchTo, stepOf, type Program } from '../../shared/bot/program.ts';
import { BEGIN, PATTERN_PREFIX } from '../../shared/bot/standard.ts';
import { DEEPEST, type DialogueState, type Outcome } from '../../shared/session/state.ts';
import { builtIn, giveUp, isBuiltIn, isLastMiss } from './built-in.ts';

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

/** What came of a run. */
export interface Run {
  readonly act: Act;
  readonly says: readonly Said[];
  readonly stack: readonly Frame[];
  readonly set: Readonly<Record<string, string>>;
  readonly forgets: readonly string[];
  readonly path: readonly string[];
  readonly cites: readonly string[];
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

/** More steps than this in one decision are a circle that nobody noticed. */
const MOST_STEPS = 200;
const PATH_KEPT = 40;

/** Runs the flows of a stack until the customer or the outside world is needed, or all of them have ended. */
export function run(start: Start): Run {
  const going: Going = {
    start,
    stack: [...start.stack],
    set: new Map(Object.entries(start.set)),
    forgets: new Set(start.forgets),
    says: [...start.says],
    path: [],
    cites: [],
    context: start.context,
    outcome: start.outcome,
  };
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const frame = going.stack.at(-1);
    const flow = frame && start.program.flow(frame.flow);
    if (!frame) return ended(going, { kind: 'respond' });
    // A flow that this version of the bot does not have any more.
    if (!flow) {
      going.stack.pop();
      continue;
    }
    const step = stepOf(flow, frame.step);
    move(going, step.id);
    going.path.push(`${flow.id}/${step.id}`);
    const act = take(going, flow, step);
    if (act) return ended(going, act);
  }
  going.stack = [];
  say(going, 'utter_internal_error');
  return ended(going, { kind: 'respond' });
}

const ended = ({ says, stack, set, forgets, path, cites }: Going, act: Act): Run => ({
  act,
  says,
  stack: stack.slice(-DEEPEST),
  set: Object.fromEntries(set),
  forgets: [...forgets],
  path: path.slice(-PATH_KEPT),
  cites,
});

/** Takes one step; the act is what the run ends with. */
function take(going: Going, flow: Flow, step: FlowStep): Act | undefined {
  switch (step.kind) {
    case 'collect':
      return collect(going, flow, step);
    case 'say':
      say(going, step.response);
      break;
    case 'set':
      for (const { slot, value } of step.values) setSlot(going, slot, value);
      break;
    case 'link':
      going.stack.pop();
      going.stack.push({ flow: step.flow, step: BEGIN });
      return undefined;
    case 'call':
      going.stack.push({ flow: step.flow, step: BEGIN, called: true });
      return undefined;
    case 'noop':
      break;
    case 'action': {
      if (isBuiltIn(step.action)) {
        const done = builtIn(going, flow, step);
        if (done !== 'go-on') return done;
        break;
      }
      const { outcome } = going;
      if (!outcome) return { kind: 'call', action: step.action, arguments: argumentsOf(going, flow) };
      if (outcome.kind === 'failed' && !step.next.some(({ when = '' }) => when.includes('outcome.'))) {
        going.outcome = undefined;
        going.stack.pop();
        going.stack.push({ flow: `${PATTERN_PREFIX}internal_error`, step: BEGIN });
        return undefined;
      }
      if (outcome.kind === 'done') {
        for (const [slot, value] of Object.entries(outcome.slots)) {
          if (going.start.program.slot(slot)) setSlot(going, slot, value);
        }
      }
    }
  }
  leave(going, flow, step);
  return undefined;
}

function collect(going: Going, flow: Flow, step: Extract<FlowStep, { kind: 'collect' }>): Act | undefined {
  const { slot, askFirst, rejections = [] } = step;
  const value = valueOf(going, slot);
  const isAnswered = going.start.answered.includes(slot);
  if (value === undefined || (askFirst && !isAnswered)) return askFor(going, flow, step);
  const rejected = rejections.find(({ when }) => going.start.program.holds(when, lookupIn(going)));
  if (!rejected) {
    own(going, slot);
    leave(going, flow, step);
    return undefined;
  }
  say(going, rejected.say);
  setSlot(going, slot, null);
  return askFor(going, flow, step, isAnswered);
}

/** Asks for a slot; a person takes over where too often in a row nothing usable was given. */
function askFor(
  going: Going,
  { id: flow }: Flow,
  { slot, ask }: Extract<FlowStep, { kind: 'collect' }>,
  isRejected = false,
): Act {
  const isAgain = isRejected || going.start.refused.includes(slot);
  if (isAgain && isLastMiss(going)) return giveUp(going);
  say(going, ask);
  return { kind: 'ask', slot, flow, ...(isAgain && { again: true }) };
}

/** Goes where the first branch that holds leads, or ends the flow. */
export function leave(going: Going, flow: Flow, step: FlowStep): void {
  const lookup = lookupIn(going);
  const branch = step.next.find(({ when }) => when === undefined || going.start.program.holds(when, lookup));
  const next = branch && branchTo(flow, branch.to);
  going.outcome = undefined;
  if (next) move(going, next.id);
  else end(going);
}

/** Ends the current flow and goes on with the one below it. */
function end(going: Going): void {
  const over = going.stack.pop();
  const below = going.stack.at(-1);
  if (!over || !below) return;
  const flow = going.start.program.flow(below.flow);
  if (over.called && flow) {
    // What the called flow has set belongs to the one that called it.
    for (const slot of over.set ?? []) own(going, slot);
    leave(going, flow, stepOf(flow, below.step));
  } else if (!over.flow.startsWith(PATTERN_PREFIX) && below.step !== BEGIN) {
    going.context = { ...going.context, context_flow: flow?.name ?? below.flow };
    going.stack.push({ flow: `${PATTERN_PREFIX}continue_interrupted`, step: BEGIN });
  }
}

/** Says a response, with the values that it needs as they are now. */
export function say(going: Going, response: string, more: Partial<Said> = {}): void {
  going.says.push({ response, slots: valuesFor(going, response), ...more });
}

function valuesFor(going: Going, response: string): Said['slots'] {
  const values = going.start.program.needs(response).map((name) => [name, going.context[name] ?? valueOf(going, name)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Said['slots'];
}

export const valueOf = (going: Going, slot: string): string | undefined => {
  if (going.set.has(slot)) return going.set.get(slot);
  const { program, state } = going.start;
  const initial = program.slot(slot)?.initial;
  return going.forgets.has(slot) || !Object.hasOwn(state.slots, slot) ? initial : state.slots[slot];
};

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
function own(going: Going, slot: string): void {
  const frame = going.stack.at(-1);
  if (!frame || !going.set.has(slot) || frame.set?.includes(slot)) return;
  going.stack[going.stack.length - 1] = inOrder({ ...frame, set: [...(frame.set ?? []), slot] });
}

function move(going: Going, step: string): void {
  const frame = going.stack.at(-1);
  if (frame && frame.step !== step) going.stack[going.stack.length - 1] = inOrder({ ...frame, step });
}

const inOrder = ({ flow, step, set, called }: Frame): Frame => ({
  flow,
  step,
  ...(set && { set }),
  ...(called && { called }),
});

/** An action is told what its flow collects and sets, and nothing else of the customer. */
function argumentsOf(going: Going, { steps }: Flow): Readonly<Record<string, string>> {
  const names = steps.flatMap((s) =>
    s.kind === 'collect' ? [s.slot] : s.kind === 'set' ? s.values.map(({ slot }) => slot) : [],
  );
  const values = [...new Set(names)].map((slot) => [slot, valueOf(going, slot)]);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined)) as Record<string, string>;
}

/** What conditions can look at. */
function lookupIn(going: Going): Lookup {
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
      case 'session.agent':
        return state.desk?.agent ?? null;
      default:
        return null;
    }
  };
}
