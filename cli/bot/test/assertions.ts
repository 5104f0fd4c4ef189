import * as v from 'valibot';
import { strict, type Shape } from '../../../shared/bot/strict.ts';
import type { Path, Source } from '../../../shared/bot/source.ts';
import type { BotIssue } from '../../../shared/bot/error.ts';
import { didYouMean } from '../../../shared/bot/nearest.ts';
import type { Expectation, Expected } from './case.ts';

const text = v.string();
const operator = v.optional(v.picklist(['all', 'any'], 'all or any'), 'all');
const scalar = v.nullable(v.union([v.string(), v.number(), v.boolean()]));
const flows = strict({ operator, flow_ids: v.array(text) });
const flow = strict({ flow_id: text, flow_step_id: v.optional(text) });
const slots = v.array(v.union([text, strict({ name: text, value: v.optional(scalar) })]));
const uttered = strict({
  utter_name: v.optional(text),
  text_matches: v.optional(v.pipe(text, v.check(isRegExp, 'not a regular expression'))),
  buttons: v.optional(v.array(strict({ title: text, payload: v.optional(text) }))),
});

const one = (id: string): { operator: 'all' | 'any'; flow_ids: string[] } => ({ operator: 'all', flow_ids: [id] });
const several = v.union([v.pipe(text, v.transform(one)), flows]);
const single = v.union([
  v.pipe(
    text,
    v.transform((flow_id) => ({ flow_id, flow_step_id: undefined })),
  ),
  flow,
]);

interface Kind {
  readonly shape: v.GenericSchema;
  readonly read: (given: never) => readonly Expectation[];
}
const kindOf = <T>(
  shape: Shape<T> | v.GenericSchema<unknown, T>,
  read: (given: T) => readonly Expectation[],
): Kind => ({ shape, read });

const flowKind = (kind: 'flow-started' | 'clarifies') =>
  kindOf(several, ({ operator: how, flow_ids }) => [{ kind, flows: flow_ids, any: how === 'any' }]);
const oneFlow = (kind: 'flow-completed' | 'flow-cancelled') =>
  kindOf(single, ({ flow_id, flow_step_id }) => [
    { kind, flows: [flow_id], any: false, ...(flow_step_id !== undefined && { step: flow_step_id }) },
  ]);
const slotKind = (kind: 'slot-set' | 'slot-not-set') =>
  kindOf(slots, (all) =>
    all.map((it) => {
      if (typeof it === 'string') return { kind, slot: it };
      return { kind, slot: it.name, ...(it.value !== undefined && { value: valueOf(it.value) }) };
    }),
  );
const utteredKind = (kind: 'uttered' | 'not-uttered') =>
  kindOf(uttered, ({ utter_name: response, text_matches: matches, buttons }) => [
    {
      kind,
      ...(response !== undefined && { response }),
      ...(matches !== undefined && { matches }),
      ...(buttons && {
        buttons: buttons.map(({ title, payload }) => ({ title, ...(payload !== undefined && { payload }) })),
      }),
    },
  ]);

const KINDS: Readonly<Record<string, Kind>> = {
  flow_started: flowKind('flow-started'),
  flow_completed: oneFlow('flow-completed'),
  flow_cancelled: oneFlow('flow-cancelled'),
  pattern_clarification_contains: kindOf(v.union([v.array(text), flows]), (given) => [
    Array.isArray(given)
      ? { kind: 'clarifies', flows: given, any: false }
      : { kind: 'clarifies', flows: given.flow_ids, any: given.operator === 'any' },
  ]),
  slot_was_set: slotKind('slot-set'),
  slot_was_not_set: slotKind('slot-not-set'),
  action_executed: kindOf(text, (action) => [{ kind: 'action', action }]),
  bot_uttered: utteredKind('uttered'),
  bot_did_not_utter: utteredKind('not-uttered'),
};
/** What only a judge that is a language model could say. */
const JUDGED = ['generative_response_is_relevant', 'generative_response_is_grounded'];

/** What was read of assertions; `warnings` tells of those that are not checked. */
export interface ReadAssertions {
  readonly expects: readonly Expected[];
  readonly issues: readonly BotIssue[];
  readonly warnings: readonly BotIssue[];
}

/** Reads Rasa's assertions under a message of the user. */
export function readAssertions(
  source: Source,
  path: Path,
  entries: readonly Readonly<Record<string, unknown>>[],
): ReadAssertions {
  const expects: Expected[] = [];
  const issues: BotIssue[] = [];
  const warnings: BotIssue[] = [];
  for (const [i, entry] of entries.entries()) {
    const [[name, given] = ['', undefined]] = Object.entries(entry);
    const at = [...path, i, name];
    if (JUDGED.includes(name)) {
      warnings.push(source.issue(at, `${name} needs a judge, and is not checked`, { part: 'key' }));
      continue;
    }
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
    if (!kind) {
      const hint = didYouMean(name, Object.keys(KINDS));
      issues.push(source.issue(at, `unknown assertion ${name}`, { ...hint, part: 'key' }));
      continue;
    }
    const read = v.safeParse(kind.shape, given);
    if (!read.success) {
      const [first] = read.issues;
      const inside = first.path?.map(({ key }) => key as string | number) ?? [];
      issues.push(source.issue([...at, ...inside], first.message));
      continue;
    }
    const { file, line, column } = source.issue(at, '', { part: 'key' });
    for (const what of kind.read(read.output as never)) expects.push({ what, place: { file, line, column } });
  }
  return { expects, issues, warnings };
}

/** A value of a slot as the platform keeps it: a text, or nothing. */
export const valueOf = (value: string | number | boolean | null): string | null =>
  value === null ? null : String(value);

function isRegExp(source: string): boolean {
  try {
    return new RegExp(source).source !== '';
  } catch {
    return false;
  }
}
