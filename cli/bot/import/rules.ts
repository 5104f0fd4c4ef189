import type { ImportedDomain } from './domain.ts';
import type { Notes } from './notes.ts';
import { entriesOf, isRecord, isText, listOf, namedOf, type Found, type ProjectFile } from './project.ts';
import { stepsOf, type Derived } from './stories.ts';

const FALLBACK = 'nlu_fallback';
/** Rasa's own actions that mean something here. */
const KNOWN = new Set([
  'action_listen',
  'action_restart',
  'action_default_fallback',
  'action_deactivate_loop',
  'action_back',
]);

/** Rules as they are written for this platform. */
export type ImportedRule = Readonly<Record<string, unknown>>;

interface Context extends Pick<ImportedDomain, 'responses' | 'actions' | 'forms'> {
  readonly intents: ReadonlySet<string>;
  readonly slots: ReadonlySet<string>;
  readonly derived: readonly Derived[];
}

/** Rasa's rules, and what stories come down to; what names things that are not there is left out, with a note. */
export function importRules(files: readonly ProjectFile[], context: Context, notes: Notes): readonly ImportedRule[] {
  const taken = new Set(triggersOf(files));
  const rules: ImportedRule[] = [];
  const always = new Set<string>();
  for (const at of entriesOf(files, 'rules')) {
    if (!isRecord(at.value)) continue;
    const steps = stepsOf(at.value);
    const [first] = steps;
    const intent = first?.['intent'];
    if (intent === FALLBACK) continue;
    if (isText(intent) && !context.intents.has(intent)) {
      notes.note(at, `intent ${intent} is not there: the rule is left out`);
      continue;
    }
    if (isText(intent) && taken.has(intent)) {
      notes.note(at, `a flow begins with ${intent}: the rule is left out`);
      continue;
    }
    const conditions = listOf(at.value['condition']).filter(isRecord);
    const wrong = conditions.flatMap(slotsOf).find((slot) => slot !== 'requested_slot' && !context.slots.has(slot));
    if (wrong !== undefined) {
      notes.note(at, `the rule depends on ${wrong}, which is no slot: it is left out`);
      continue;
    }
    if (isText(intent) && conditions.length === 0) {
      if (always.has(intent)) {
        notes.note(at, `another rule follows ${intent}: this one is left out`);
        continue;
      }
      always.add(intent);
    }
    const kept = steps.flatMap((step, i) => stepOf(step, at, i, context, notes));
    const name = isText(at.value['rule']) ? at.value['rule'] : 'a rule';
    rules.push({ rule: name, ...(conditions.length > 0 && { condition: conditions.map(plain) }), steps: kept });
  }
  for (const { intent, actions } of context.derived) {
    if (always.has(intent) || taken.has(intent) || !context.intents.has(intent)) continue;
    const done = actions.filter((it) => isKnown(it, context));
    if (done.length > 0)
      rules.push({ rule: `${intent}, as in every story`, steps: [{ intent }, ...done.map((action) => ({ action }))] });
  }
  return rules;
}

/** The response that a rule gives where nothing is understood. */
export function fallbackResponse(files: readonly ProjectFile[]): string | undefined {
  const rules = entriesOf(files, 'rules').map(({ value }) => stepsOf(value));
  const rule = rules.find(([first]) => first?.['intent'] === FALLBACK);
  return rule
    ?.map((step) => step['action'])
    .filter(isText)
    .find((it) => it.startsWith('utter_'));
}

const triggersOf = (files: readonly ProjectFile[]): readonly string[] =>
  [...namedOf(files, 'flows').values()].flatMap(({ value }) =>
    (isRecord(value) ? listOf(value['nlu_trigger']) : []).flatMap((it) => {
      const intent = isRecord(it) ? it['intent'] : undefined;
      return isText(intent) ? [intent] : isRecord(intent) && isText(intent['name']) ? [intent['name']] : [];
    }),
  );

function isKnown(action: string, { responses, actions, forms }: Context): boolean {
  if (action.startsWith('utter_'))
    return responses.has(action) || [...responses].some((it) => it.startsWith(`${action}/`));
  return actions.has(action) || forms.has(action) || KNOWN.has(action);
}

function stepOf(
  step: Readonly<Record<string, unknown>>,
  at: Found,
  i: number,
  context: Context,
  notes: Notes,
): readonly ImportedRule[] {
  const { action, intent, active_loop: loop, slot_was_set: set } = step;
  if (isText(action) && !isKnown(action, context)) {
    notes.note(at, `${action} is not there, or not run: the step is left out`, { inside: ['steps', i] });
    return [];
  }
  if (isText(action)) return [{ action }];
  if (isText(intent)) return [{ intent }];
  if (loop !== undefined) return [{ active_loop: loop }];
  if (set !== undefined) return [plain({ slot_was_set: set })];
  return listOf(step['or']).length > 0 ? [{ or: step['or'] }] : [];
}

const slotsOf = ({ slot_was_set: set }: Readonly<Record<string, unknown>>): readonly string[] =>
  listOf(set).flatMap((it) => (isText(it) ? [it] : isRecord(it) ? Object.keys(it) : []));

const plain = ({ slot_was_set: set, active_loop: loop }: Readonly<Record<string, unknown>>): ImportedRule => ({
  ...(set !== undefined && { slot_was_set: set }),
  ...(loop !== undefined && { active_loop: loop }),
});
