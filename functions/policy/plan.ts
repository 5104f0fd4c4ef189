import type { Act, Frame, Said } from '../../events/decision.ts';
import type { Flow } from '../../shared/bot/bot.ts';
import { BEGIN } from '../../shared/bot/standard.ts';
import type { Situation } from './situation.ts';

/** What is to be done about a turn, before the flows are run. */
export interface Plan {
  /** The name of the rule, for the log. */
  readonly rule: string;
  readonly stack: readonly Frame[];
  readonly answered?: readonly string[];
  readonly refused?: readonly string[];
  readonly forgets?: readonly string[];
  readonly context?: Readonly<Record<string, string>>;
  readonly says?: readonly Said[];
  /** What has to be known first, instead of running the flows. */
  readonly asks?: Act;
}

/** One way in which a turn can be answered; undefined where it is none for this turn. The first that is one counts. */
export type Pattern = (situation: Situation) => Plan | undefined;

export const begin = (flow: string): Frame => ({ flow, step: BEGIN });

/** Begins a flow on top of those under way; one that is under way already goes on where it was. */
export function onTop(stack: readonly Frame[], flow: Flow): readonly Frame[] {
  const at = stack.findIndex((frame) => frame.flow === flow.id && !frame.called);
  const waiting = stack[at];
  // What it has called belongs to it.
  let after = at + 1;
  while (waiting && stack[after]?.called) after += 1;
  if (!waiting) return [...stack, begin(flow.id)];
  return [...stack.slice(0, at), ...stack.slice(after), ...stack.slice(at, after)];
}
