import type { Flow, FlowStep } from './bot.ts';
import { END, LAST_ACTIONS } from './standard.ts';

/** What is wrong with how steps follow one another: the flow and step to complain at. */
export interface GraphProblem {
  readonly flow: string;
  readonly step: string;
  readonly message: string;
  readonly hint: string;
}

interface Node {
  readonly flow: Flow;
  readonly step: FlowStep;
}

/**
 * Steps that go round without asking the customer anything, flows that call themselves, flows that cannot end, and steps
 * that nothing leads to. Flows and steps that are named and not there are left to others to complain about.
 */
export function graphProblems(flows: ReadonlyMap<string, Flow>): readonly GraphProblem[] {
  const all = [...flows.values()];
  return [...all.flatMap(stuckIn), ...all.flatMap(unreachedIn), ...circles(flows), ...recursions(flows)];
}

const isFinal = (step: FlowStep): boolean =>
  step.kind === 'link' ||
  (step.kind === 'action' && LAST_ACTIONS.includes(step.action)) ||
  !step.next.some(({ when }) => when === undefined) ||
  step.next.some(({ to }) => to === END);

const followers = ({ steps }: Flow, { next }: FlowStep): readonly FlowStep[] =>
  next.flatMap(({ to }) => steps.find(({ id }) => id === to) ?? []);

/** A step from which no way leads to an end. */
function stuckIn(flow: Flow): readonly GraphProblem[] {
  const ends = new Set(flow.steps.filter(isFinal));
  for (let grown = true; grown;) {
    const more = flow.steps.filter((s) => !ends.has(s) && followers(flow, s).some((f) => ends.has(f)));
    for (const step of more) ends.add(step);
    grown = more.length > 0;
  }
  const stuck = flow.steps.find((step) => !ends.has(step));
  return stuck
    ? [
        {
          flow: flow.id,
          step: stuck.id,
          message: 'no way leads from this step to an end of the flow',
          hint: 'let a branch lead to END',
        },
      ]
    : [];
}

function unreachedIn(flow: Flow): readonly GraphProblem[] {
  const reached = new Set<FlowStep>(flow.steps.slice(0, 1));
  for (const step of reached) for (const next of followers(flow, step)) reached.add(next);
  return flow.steps
    .filter((step) => !reached.has(step))
    .map(({ id }) => ({
      flow: flow.id,
      step: id,
      message: 'nothing leads to this step',
      hint: 'name its id in next, or take it out',
    }));
}

/** Circles over all flows on which no step collects anything. */
function circles(flows: ReadonlyMap<string, Flow>): readonly GraphProblem[] {
  const done = new Set<FlowStep>();
  const problems: GraphProblem[] = [];
  const onTheWay = new Set<FlowStep>();
  const visit = ({ flow, step }: Node): void => {
    if (done.has(step) || step.kind === 'collect') return;
    if (onTheWay.has(step)) {
      problems.push({
        flow: flow.id,
        step: step.id,
        message: 'these steps go round for ever without asking anything',
        hint: 'collect a slot on the way, or let a branch lead to END',
      });
      return;
    }
    onTheWay.add(step);
    for (const node of reachable(flows, { flow, step })) visit(node);
    onTheWay.delete(step);
    done.add(step);
  };
  for (const flow of flows.values()) for (const step of flow.steps) visit({ flow, step });
  return problems;
}

function reachable(flows: ReadonlyMap<string, Flow>, { flow, step }: Node): readonly Node[] {
  const target = step.kind === 'link' || step.kind === 'call' ? flows.get(step.flow) : undefined;
  const [first] = target?.steps ?? [];
  const into = target && first ? [{ flow: target, step: first }] : [];
  return [...into, ...followers(flow, step).map((next) => ({ flow, step: next }))];
}

/** Flows that come back to themselves by calls, each time one deeper. */
function recursions(flows: ReadonlyMap<string, Flow>): readonly GraphProblem[] {
  const calledBy = (flow: Flow): readonly Flow[] =>
    flow.steps.flatMap((step) => (step.kind === 'call' ? (flows.get(step.flow) ?? []) : []));
  return [...flows.values()].flatMap((flow) => {
    const called = new Set(calledBy(flow));
    for (const next of called) for (const further of calledBy(next)) called.add(further);
    const step = flow.steps.find((s) => s.kind === 'call');
    return called.has(flow) && step
      ? [
          {
            flow: flow.id,
            step: step.id,
            message: `flow ${flow.id} calls itself`,
            hint: 'link instead of call, or a next that leads back',
          },
        ]
      : [];
  });
}
