import type { Bot, Flow, FlowStep, ResponseVariant, SlotRule } from './bot.ts';
import { holds, type Lookup } from './conditions/evaluate.ts';
import { parseCondition, type Condition } from './conditions/parse.ts';
import { DEFAULT_FLOWS, DEFAULT_SLOTS } from './defaults/flows.ts';
import { DEFAULT_RESPONSES } from './defaults/responses.ts';
import { BEGIN, END } from './standard.ts';

/** A bot made ready to be run: looked up by name, with what the platform has for every bot. */
export interface Program {
  readonly bot: Bot;
  readonly flow: (id: string) => Flow | undefined;
  /** The flow that an intent begins. */
  readonly flowOf: (intent: string) => Flow | undefined;
  readonly slot: (name: string) => SlotRule | undefined;
  readonly slots: readonly SlotRule[];
  /** The variants of a response; empty for one that nobody has. */
  readonly response: (name: string) => readonly ResponseVariant[];
  /** The values that the variants of a response need: placeholders and conditions. */
  readonly needs: (response: string) => readonly string[];
  readonly holds: (condition: string, lookup: Lookup) => boolean;
  /** Whether any flow collects the slot. */
  readonly collects: (slot: string) => boolean;
}

const PLACEHOLDER = /\{([\p{L}\p{N}_]+)\}/gu;
const programs = new WeakMap<Bot, Program>();

/** The program of a bot; made once, since bots never change. */
export function programOf(bot: Bot): Program {
  const known = programs.get(bot);
  if (known) return known;
  const program = compile(bot);
  programs.set(bot, program);
  return program;
}

function compile(bot: Bot): Program {
  const flows = new Map([...DEFAULT_FLOWS, ...bot.flows].map((flow) => [flow.id, flow]));
  const triggers = new Map<string, Flow>();
  // A bot's own flow goes first where an intent could begin one of the platform's, too.
  for (const flow of [...bot.flows, ...flows.values()]) {
    for (const intent of flow.intents) if (!triggers.has(intent)) triggers.set(intent, flow);
  }
  const slots = new Map([...DEFAULT_SLOTS, ...bot.slots].map((slot) => [slot.name, slot]));
  const collected = new Set(
    [...flows.values()].flatMap(({ steps }) => steps.flatMap((s) => (s.kind === 'collect' ? [s.slot] : []))),
  );
  const response = (name: string): readonly ResponseVariant[] =>
    own(bot.responses, name) ?? own(DEFAULT_RESPONSES, name) ?? [];
  const needs = remembering((name: string) => [
    ...new Set(
      response(name).flatMap(({ text, condition = {} }) => [
        ...[...text.matchAll(PLACEHOLDER)].map(([, slot = '']) => slot),
        ...Object.keys(condition),
      ]),
    ),
  ]);
  const condition = remembering((source: string): Condition => parseCondition(source));
  return {
    bot,
    flow: (id) => flows.get(id),
    flowOf: (intent) => triggers.get(intent),
    slot: (name) => slots.get(name),
    slots: [...slots.values()],
    response,
    needs,
    holds: (source, lookup) => holds(condition(source), lookup),
    collects: (slot) => collected.has(slot),
  };
}

/** The step of a flow; the first one for a flow that has not begun, or a step that it does not have (any more). */
export function stepOf({ steps }: Flow, id: string): FlowStep {
  const [first] = steps;
  if (!first) throw new RangeError('a flow has at least one step');
  return (id === BEGIN ? undefined : steps.find((s) => s.id === id)) ?? first;
}

/** The step that a branch leads to; undefined where it ends the flow. */
export const branchTo = (flow: Flow, to: string): FlowStep | undefined =>
  to === END ? undefined : flow.steps.find((s) => s.id === to);

const own = <T>(of: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined;

function remembering<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(key);
    made.set(key, fresh);
    return fresh;
  };
}
