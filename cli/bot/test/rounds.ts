import type { BotIssue } from '../../../shared/bot/error.ts';
import type { Path, Source } from '../../../shared/bot/source.ts';
import { readAssertions, valueOf } from './assertions.ts';
import type { Circumstances, Doing, Expectation, Expected, Place, Round } from './case.ts';
import type { StepEntry, StoryStepEntry } from './schema.ts';

const DOES = ['user', 'at_once', 'wait', 'agent'] as const;
const EXPECTS = ['bot', 'utter', 'slot_was_set', 'slot_was_not_set'] as const;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The rounds of a test, and what is wrong or left out of them. */
export interface ReadRounds {
  readonly rounds: readonly Round[];
  readonly issues: readonly BotIssue[];
  readonly warnings: readonly BotIssue[];
}

interface Open {
  readonly doing: Doing;
  readonly place: Place;
  readonly expects: Expected[];
}

/** Puts the steps of a test case together: each thing that is done with what has to follow from it. */
export function readRounds(
  source: Source,
  path: Path,
  steps: readonly StepEntry[],
  context: {
    /** What named metadata says about a message. */
    readonly about: (names: readonly string[], at: Path) => Circumstances;
    /** The metadata of the whole test. */
    readonly metadata: readonly string[];
    readonly withinMs: number | undefined;
  },
): ReadRounds {
  const issues: BotIssue[] = [];
  const warnings: BotIssue[] = [];
  const place = (at: Path): Place => placeOf(source, at);
  const rounds: Open[] = [{ doing: { kind: 'begin' }, place: place(path), expects: [] }];
  for (const [i, step] of steps.entries()) {
    const at = [...path, i];
    const keys = [...DOES, ...EXPECTS].filter((it) => step[it] !== undefined);
    const [key, another] = keys;
    if (!key || another) {
      const hint = 'user, bot, utter, slot_was_set, slot_was_not_set, at_once, wait or agent';
      issues.push(source.issue(at, 'a step is one thing', { hint }));
      continue;
    }
    const isUser = step.user !== undefined || step.at_once !== undefined;
    if (step.at_once && step.intent !== undefined) {
      issues.push(source.issue([...at, 'intent'], 'of several messages it is not clear whose intent is meant'));
    }
    if (!isUser && (step.assertions ?? step.metadata ?? step.intent) !== undefined && step.wait === undefined) {
      issues.push(source.issue(at, 'assertions, metadata and intent belong to a user step'));
    }
    const last = rounds.at(-1);
    const expect = (what: Expectation): void => {
      last?.expects.push({ what, place: place([...at, key]) });
    };
    if (step.bot !== undefined) expect({ kind: 'bot', text: String(step.bot).trim() });
    else if (step.utter !== undefined) expect({ kind: 'utter', response: step.utter });
    else if (step.slot_was_set !== undefined)
      for (const it of slotsOf(step.slot_was_set)) expect({ kind: 'slot-set', ...it });
    else if (step.slot_was_not_set !== undefined)
      for (const it of slotsOf(step.slot_was_not_set)) expect({ kind: 'slot-not-set', ...it });
    else {
      const named = [...context.metadata, ...listOf(step.metadata)];
      const doing = doingOf(step, () => context.about(named, [...at, 'metadata']));
      const { expects, ...read } = readAssertions(source, [...at, 'assertions'], step.assertions ?? []);
      issues.push(...read.issues);
      warnings.push(...read.warnings);
      const here = place(at);
      if (step.assertion_order_enabled) warnings.push(source.issue(at, 'the order of assertions is not checked'));
      const withinMs = step.within_ms ?? (isUser ? context.withinMs : undefined);
      const own: Expected[] = [
        ...(step.intent === undefined ? [] : [{ what: { kind: 'intent', intent: step.intent } as const, place: here }]),
        ...expects,
        ...(withinMs === undefined ? [] : [{ what: { kind: 'within', ms: withinMs } as const, place: here }]),
      ];
      rounds.push({ doing, place: here, expects: own });
    }
  }
  return {
    rounds: rounds.filter(({ doing, expects }) => doing.kind !== 'begin' || expects.length > 0),
    issues,
    warnings,
  };
}

/** Puts the steps of a story of Rasa's older test format together; forms and checkpoints are told of and left out. */
export function readStory(source: Source, path: Path, steps: readonly StoryStepEntry[]): ReadRounds {
  const warnings: BotIssue[] = [];
  const issues: BotIssue[] = [];
  const rounds: Open[] = [];
  for (const [i, step] of steps.entries()) {
    const at = [...path, i];
    const here = placeOf(source, at);
    const expect = (what: Expectation): void => {
      rounds.at(-1)?.expects.push({ what, place: here });
    };
    if (step.user !== undefined || step.intent !== undefined) {
      // Values are marked as in training data, and a story without a text is a pressed button.
      const text = step.user === undefined ? `/${step.intent ?? ''}` : unmarked(String(step.user).trim());
      rounds.push({ doing: { kind: 'user', text, about: {} }, place: here, expects: [] });
      if (step.intent !== undefined) expect({ kind: 'intent', intent: step.intent });
    } else if (step.action !== undefined) {
      if (/^(?:utter_|action_)/u.test(step.action)) expect({ kind: 'action', action: step.action });
      else warnings.push(source.issue([...at, 'action'], `the form ${step.action} is a flow here, and is not checked`));
    } else if (step.bot !== undefined) expect({ kind: 'bot', text: String(step.bot).trim() });
    else if (step.slot_was_set !== undefined) {
      for (const it of slotsOf(step.slot_was_set)) {
        if (it.slot !== 'requested_slot') expect({ kind: 'slot-set', ...it });
      }
    } else if (step.active_loop !== undefined) {
      warnings.push(source.issue(at, 'active_loop is not checked: forms are flows here'));
    } else issues.push(source.issue(at, 'checkpoints and or cannot be tested', { hint: 'write a story for each way' }));
  }
  return { rounds, issues, warnings };
}

function doingOf(step: StepEntry, about: () => Circumstances): Doing {
  if (step.wait !== undefined) return { kind: 'wait', ms: millisecondsOf(step.wait) };
  if (typeof step.agent === 'string') return { kind: 'agent', command: step.agent };
  if (step.agent !== undefined) return { kind: 'agent-says', text: step.agent.says };
  if (step.at_once) return { kind: 'at-once', texts: step.at_once.map(String), about: about() };
  return { kind: 'user', text: String(step.user), about: about() };
}

function millisecondsOf(duration: string): number {
  const [, amount = '0', unit = 's'] = /^(\d+)(\D+)$/u.exec(duration) ?? [];
  return Number(amount) * (UNIT_MS[unit] ?? 1);
}

type Checks = NonNullable<StepEntry['slot_was_set']>;

const slotsOf = (checks: Checks): readonly { readonly slot: string; readonly value?: string | null }[] =>
  (typeof checks === 'string' ? [checks] : checks).flatMap((it) =>
    typeof it === 'string'
      ? [{ slot: it }]
      : Object.entries(it).map(([slot, value]) => ({
          slot,
          value: Array.isArray(value) ? value.join(', ') : valueOf(value),
        })),
  );

const listOf = (names: string | readonly string[] | undefined): readonly string[] =>
  names === undefined ? [] : typeof names === 'string' ? [names] : names;

/** `[DHL](carrier)` is said as `DHL`. */
const unmarked = (text: string): string =>
  text.replace(/\[([^[\]]{1,200})\](?:\([^()]{1,64}\)|\{[^{}]{1,300}\})/gu, '$1');

function placeOf(source: Source, at: Path): Place {
  const { file, line, column } = source.issue(at, '');
  return { file, line, column };
}
