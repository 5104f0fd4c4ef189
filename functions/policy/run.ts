import type { Act, Frame, Said } from '../../events/decision.ts';
import type { Flow, FlowStep } from '../../shared/bot/bot.ts';
import { branchTo, stepOf } from '../../shared/bot/program.ts';
import { BEGIN, PATTERN_PREFIX } from '../../shared/bot/standard.ts';
import { DEEPEST } from '../../shared/session/state.ts';
import { builtIn, giveUp, isBuiltIn, isLastMiss } from './built-in.ts';
import { argumentsOf, lookupIn, move, own, say, setSlot, valueOf, type Going, type Start } from './going.ts';

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
      if (!outcome) return { kind: 'call', action: step.action, arguments: argumentsOf(going, flow, step.action) };
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
function leave(going: Going, flow: Flow, step: FlowStep): void {
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
