import type { policyDecided } from '../../../events/decision.ts';
import type { DataOf } from '../../../events/define.ts';
import type { Message } from '../../../events/fields.ts';
import type { intentClassified } from '../../../events/understanding.ts';
import { programOf } from '../../../shared/bot/program.ts';
import type { Bot } from '../../../shared/bot/bot.ts';
import { END, PATTERN_PREFIX } from '../../../shared/bot/standard.ts';
import type { Stored } from '../../../shared/log/log.ts';
import { isWaiting } from '../../../shared/session/decided.ts';

type Decision = DataOf<typeof policyDecided>;

/** What followed from one thing that was done. */
export interface Happened {
  /** What the customer was shown. */
  readonly messages: readonly Message[];
  /** The names of the responses that were said. */
  readonly responses: readonly string[];
  /** Slots that were filled, in order; null: emptied. */
  readonly slots: readonly { readonly slot: string; readonly value: string | null }[];
  readonly intent: { readonly name: string | undefined; readonly confidence: number } | undefined;
  readonly actions: readonly string[];
  readonly started: readonly string[];
  readonly completed: readonly string[];
  readonly cancelled: readonly string[];
  /** Steps that were gone through, as `flow/step`. */
  readonly path: readonly string[];
  /** The flows between which the customer was asked to choose. */
  readonly offered: readonly string[];
  /** Why a turn ended without an answer. */
  readonly unanswered: readonly string[];
  readonly ms: number;
}

/** Reads what happened out of the events of a round; `before`: the flows that were under way. */
export function happenedIn(bot: Bot, events: readonly Stored[], before: readonly string[], ms: number): Happened {
  const program = programOf(bot);
  const of = (type: string) => events.flatMap(({ envelope }) => (envelope.type === type ? [envelope.data] : []));
  const decisions = of('policy.decided') as readonly Decision[];
  const spoken = decisions.filter(({ act }) => !isWaiting(act));
  const path = decisions.flatMap(({ why }) => why.path ?? []);
  const gone = new Set(path.map((it) => it.slice(0, it.indexOf('/'))));
  const after = decisions.at(-1)?.stack.map(({ flow }) => flow) ?? before;
  const left = [...new Set([...before, ...gone])].filter((flow) => !after.includes(flow));
  const steps = path.map((it) => {
    const [flow = '', step] = it.split('/');
    return program.flow(flow)?.steps.find(({ id }) => id === step);
  });
  const done = steps.flatMap((step) => (step?.kind === 'action' ? [step.action] : []));
  const responses = spoken.flatMap(({ says }) => says.map(({ response }) => response));
  const isCancelled = done.includes('action_cancel_flow') || done.includes('action_restart');
  const own = (flows: readonly string[]) => flows.filter((flow) => before.includes(flow));
  const cancelled = isCancelled ? own(left).filter((flow) => !flow.startsWith(PATTERN_PREFIX)) : [];
  const [classified] = of('intent.classified') as readonly DataOf<typeof intentClassified>[];
  const [unknown] = of('intent.not-recognised') as readonly { best: readonly { confidence: number }[] }[];
  return {
    messages: events.flatMap(({ envelope: { data } }) => (data as { messages?: readonly Message[] }).messages ?? []),
    responses,
    slots: decisions.flatMap(({ slots, forgets }) => [
      ...Object.entries(slots).map(([slot, value]) => ({ slot, value })),
      ...forgets.map((slot) => ({ slot, value: null })),
    ]),
    intent: classified
      ? { name: classified.intent, confidence: classified.confidence }
      : unknown && { name: undefined, confidence: unknown.best[0]?.confidence ?? 0 },
    actions: [
      ...new Set([...decisions.flatMap(({ act }) => (act.kind === 'call' ? [act.action] : [])), ...done, ...responses]),
    ],
    started: [...new Set([...gone, ...after])].filter((flow) => !before.includes(flow)),
    completed: left.filter((flow) => !cancelled.includes(flow)),
    cancelled,
    path,
    offered: spoken.flatMap(({ says }) =>
      says.flatMap(({ options = [] }) => options.map((option) => program.flowOf(option)?.id ?? option)),
    ),
    unanswered: (of('turn.dead-lettered') as readonly { reason: string }[]).map(({ reason }) => reason),
    ms,
  };
}

/** The last step of a flow that was gone through. */
export const lastStepOf = ({ path }: Happened, flow: string): string =>
  path.findLast((it) => it.startsWith(`${flow}/`))?.slice(flow.length + 1) ?? END;
