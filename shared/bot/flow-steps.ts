import type { Branch, FlowStep } from './bot.ts';
import { ConditionError } from './conditions/tokens.ts';
import { parseCondition, pathsIn } from './conditions/parse.ts';
import type { BotIssue } from './error.ts';
import type { BranchEntry, StepEntry } from './flow-schema.ts';
import { didYouMean } from './nearest.ts';
import type { Path, Source } from './source.ts';
import { ASK_PREFIX, BUILT_IN_ACTIONS, END, LAST_ACTIONS } from './standard.ts';

/** The names that steps may use. */
export interface Names {
  readonly slots: ReadonlySet<string>;
  readonly responses: ReadonlySet<string>;
  readonly flows: ReadonlySet<string>;
  readonly actions: ReadonlySet<string>;
  /** What the domain has against values of slots, wherever they are collected. */
  readonly rejections: ReadonlyMap<string, readonly Rejection[]>;
}

/** A condition under which a value is refused, and what is said then. */
export type Rejection = NonNullable<Extract<FlowStep, { kind: 'collect' }>['rejections']>[number];

/** What conditions can look at beside slots. */
export const CONTEXT_PATHS = [
  'outcome.failed',
  'outcome.reason',
  'outcome.answered',
  'session.active',
  'session.agent',
  'session.channel',
  'session.heard',
  'session.locale',
  'session.returned',
] as const;

const KINDS = ['collect', 'action', 'set_slots', 'link', 'call', 'noop'] as const;

/** A step that was read, with the place where it stands. */
export interface PlacedStep {
  readonly step: FlowStep;
  readonly path: Path;
}

interface Reading {
  readonly source: Source;
  readonly names: Names;
  readonly issues: BotIssue[];
  readonly steps: PlacedStep[];
  /** Branches whose target is looked up once all steps are known. */
  readonly targets: { readonly to: string; readonly path: Path }[];
  readonly ids: Set<string>;
}

/** Reads the steps of a flow into one list, in which every step says what follows it. */
export function readSteps(
  source: Source,
  path: Path,
  entries: readonly StepEntry[],
  names: Names,
): { readonly steps: readonly PlacedStep[]; readonly issues: readonly BotIssue[] } {
  const reading: Reading = { source, names, issues: [], steps: [], targets: [], ids: new Set() };
  readList(reading, [...path, 'steps'], entries);
  for (const { to, path: at } of reading.targets) {
    if (to === END || reading.ids.has(to)) continue;
    reading.issues.push(source.issue(at, `unknown step ${to}`, didYouMean(to, [...reading.ids, END])));
  }
  return { steps: reading.steps, issues: reading.issues };
}

/** Reads a list of steps that follow one another; the id of the first, where the list has one. */
function readList(reading: Reading, path: Path, entries: readonly StepEntry[]): string {
  const ids = entries.map((entry, i) => idOf(reading, [...path, i], entry));
  for (const [i, entry] of entries.entries()) {
    const at = [...path, i];
    const before = entries[i - 1];
    if (before?.action !== undefined && LAST_ACTIONS.includes(before.action) && entry.id === undefined) {
      reading.issues.push(reading.source.issue(at, 'nothing follows the step that ends a flow'));
    }
    const kinds = KINDS.filter((kind) => entry[kind] !== undefined);
    const id = ids[i] ?? '';
    if (kinds.length !== 1) {
      reading.issues.push(reading.source.issue(at, `a step is one of ${KINDS.join(', ')}`));
      continue;
    }
    const place = reading.steps.length;
    const step = readStep(reading, at, entry);
    // Branches may hold steps of their own: these come after it.
    reading.steps.push({ step: { id, ...step, next: [] }, path: at });
    const next = readNext(reading, [...at, 'next'], entry, ids[i + 1]);
    reading.steps[place] = { step: { id, ...step, next }, path: at };
  }
  return ids[0] ?? END;
}

function idOf({ ids, source, issues }: Reading, path: Path, entry: StepEntry): string {
  const kind = KINDS.find((it) => entry[it] !== undefined) ?? 'step';
  const what = entry.collect ?? entry.link ?? entry.call;
  const id = entry.id ?? `${ids.size}_${entry.action ?? (what === undefined ? kind : `${kind}_${what}`)}`;
  if (ids.has(id) || id === END || id === '0') {
    issues.push(source.issue([...path, 'id'], `${id} is already the id of a step`));
  }
  ids.add(id);
  return id;
}

type Content = FlowStep extends infer S ? (S extends FlowStep ? Omit<S, 'id' | 'next'> : never) : never;

function readStep(reading: Reading, at: Path, entry: StepEntry): Content {
  const { names, source, issues } = reading;
  const known = (name: string, of: ReadonlySet<string>, what: string, path: Path): void => {
    if (!of.has(name)) issues.push(source.issue(path, `unknown ${what} ${name}`, didYouMean(name, of)));
  };
  if (entry.collect !== undefined) {
    const { collect: slot, utter, ask_before_filling: askFirst, rejections = [] } = entry;
    known(slot, names.slots, 'slot', [...at, 'collect']);
    const ask = utter ?? ASK_PREFIX + slot;
    if (names.slots.has(slot))
      known(ask, names.responses, 'response', [...at, utter === undefined ? 'collect' : 'utter']);
    for (const [i, { if: when, utter: say }] of rejections.entries()) {
      checkCondition(reading, [...at, 'rejections', i, 'if'], when);
      known(say, names.responses, 'response', [...at, 'rejections', i, 'utter']);
    }
    return {
      kind: 'collect',
      slot,
      ask,
      ...(askFirst && { askFirst }),
      ...rejectionsOf([
        ...(names.rejections.get(slot) ?? []),
        ...rejections.map(({ if: when, utter: say }) => ({ when, say })),
      ]),
    };
  }
  if (entry.action?.startsWith('utter_')) {
    known(entry.action, names.responses, 'response', [...at, 'action']);
    return { kind: 'say', response: entry.action };
  }
  if (entry.action !== undefined) {
    const { action, skill, priority } = entry;
    known(action, new Set([...BUILT_IN_ACTIONS, ...names.actions]), 'action', [...at, 'action']);
    return { kind: 'action', action, ...(skill !== undefined && { skill }), ...(priority && { priority }) };
  }
  if (entry.set_slots !== undefined) {
    const values = entry.set_slots.flatMap((slots, i) =>
      Object.entries(slots).map(([slot, value]) => {
        if (!names.slots.has(slot)) {
          const more = { ...didYouMean(slot, names.slots), part: 'key' } as const;
          issues.push(source.issue([...at, 'set_slots', i, slot], `unknown slot ${slot}`, more));
        }
        return { slot, value: value === null ? null : String(value) };
      }),
    );
    return { kind: 'set', values };
  }
  const kind = entry.link === undefined ? 'call' : 'link';
  const flow = entry.link ?? entry.call;
  if (flow === undefined) return { kind: 'noop' };
  known(flow, names.flows, 'flow', [...at, kind]);
  return { kind, flow };
}

function readNext(reading: Reading, path: Path, entry: StepEntry, following: string | undefined): readonly Branch[] {
  const { next } = entry;
  const isLast = entry.link !== undefined || (entry.action !== undefined && LAST_ACTIONS.includes(entry.action));
  if (next === undefined) return isLast || following === undefined ? [] : [{ to: following }];
  if (typeof next === 'string') {
    reading.targets.push({ to: next, path });
    return [{ to: next }];
  }
  return next.map((branch, i) => readBranch(reading, [...path, i], branch, i === next.length - 1));
}

function readBranch(reading: Reading, path: Path, branch: BranchEntry, isLast: boolean): Branch {
  const { if: when, then, else: otherwise } = branch;
  const isElse = otherwise !== undefined;
  if ((when === undefined) !== isElse || (then === undefined) !== isElse || (isElse && !isLast)) {
    const message = isElse && !isLast ? 'else is the last branch' : 'a branch is either if and then, or else';
    reading.issues.push(reading.source.issue(path, message));
    return { to: END };
  }
  if (when !== undefined) checkCondition(reading, [...path, 'if'], when);
  const target = then ?? otherwise ?? END;
  const key = isElse ? 'else' : 'then';
  if (typeof target === 'string') reading.targets.push({ to: target, path: [...path, key] });
  const to = typeof target === 'string' ? target : readList(reading, [...path, key], target);
  return { ...(when !== undefined && { when }), to };
}

/** Absent where there are none: bots without any keep their hash. */
export const rejectionsOf = (all: readonly Rejection[]): { readonly rejections?: readonly Rejection[] } =>
  all.length > 0 ? { rejections: all } : {};

/** Complains about a condition at its very place in the file, where it stands in one piece there. */
export function checkCondition(
  { source, names, issues }: Pick<Reading, 'source' | 'names' | 'issues'>,
  path: Path,
  when: string,
): void {
  try {
    for (const name of pathsIn(parseCondition(when))) {
      const [, slot] = /^slots\.(.+)$/u.exec(name) ?? [];
      if (slot === undefined ? (CONTEXT_PATHS as readonly string[]).includes(name) : names.slots.has(slot)) continue;
      const known = [...names.slots].map((it) => `slots.${it}`);
      issues.push(
        source.issue(path, `unknown name ${name} in a condition`, didYouMean(name, [...known, ...CONTEXT_PATHS])),
      );
    }
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    const start = source.issue(path, `${error.message}, at ${error.line}:${error.column} of the condition`);
    issues.push(error.line === 1 ? { ...start, column: start.column + error.column - 1 } : start);
  }
}
