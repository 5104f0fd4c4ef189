import type { Notes } from './notes.ts';
import { entriesOf, isRecord, isText, listOf, type Found, type ProjectFile } from './project.ts';

/** What a rule does after an intent. */
export interface Derived {
  readonly intent: string;
  readonly actions: readonly string[];
}

interface Seen extends Derived {
  readonly at: Found;
}

/**
 * The rules that stories come down to: where an intent is always followed by the same actions, whatever was said before.
 * Where that depends on the story, nothing is run, and the author is told.
 */
export function rulesOfStories(files: readonly ProjectFile[], notes: Notes): readonly Derived[] {
  const seen = entriesOf(files, 'stories').flatMap((at) => seenIn(at, notes));
  const byIntent = Map.groupBy(seen, ({ intent }) => intent);
  return [...byIntent].flatMap(([intent, all]): readonly Derived[] => {
    const ways = new Map(all.map((it) => [it.actions.join('\n'), it]));
    const [only] = ways.values();
    if (ways.size === 1 && only) return [{ intent, actions: only.actions }];
    const hint = 'write a flow that collects the answer';
    for (const { at, actions } of ways.values()) {
      notes.note(at, `what follows ${intent} depends on the story, and is not run: ${actions.join(', ')}`, { hint });
    }
    return [];
  });
}

/** The names of the actions in rules and stories. */
export const actionsIn = (files: readonly ProjectFile[]): ReadonlySet<string> =>
  new Set(
    ['rules', 'stories'].flatMap((key) =>
      entriesOf(files, key).flatMap(({ value }) =>
        stepsOf(value).flatMap((step) => (isText(step['action']) ? [step['action']] : [])),
      ),
    ),
  );

/** The steps of a rule or a story. */
export const stepsOf = (entry: unknown): readonly Readonly<Record<string, unknown>>[] =>
  isRecord(entry) ? listOf(entry['steps']).filter(isRecord) : [];

function seenIn(at: Found, notes: Notes): readonly Seen[] {
  const seen: { readonly intents: readonly string[]; readonly actions: string[] }[] = [];
  let current: (typeof seen)[number] | undefined;
  let form: (typeof seen)[number] | undefined;
  let isFilling = false;
  for (const [i, step] of stepsOf(at.value).entries()) {
    const inside = ['steps', i];
    if (step['user'] !== undefined || step['bot'] !== undefined) {
      notes.note(at, 'end-to-end training is not run', { inside, hint: 'name an intent and a response' });
      current = undefined;
    } else if (step['intent'] !== undefined || step['or'] !== undefined) {
      const intents = [step['intent'], ...listOf(step['or']).map((it) => (isRecord(it) ? it['intent'] : undefined))];
      // What is said while a form is filled in belongs to the form.
      current = isFilling ? undefined : { intents: intents.filter(isText), actions: [] };
      if (current) seen.push(current);
    } else if (step['checkpoint'] !== undefined) current = undefined;
    else if (step['active_loop'] !== undefined) {
      isFilling = isText(step['active_loop']);
      if (isFilling) form = current;
      else current = form;
    } else if (isText(step['action']) && step['action'] !== 'action_listen') {
      const { action } = step as { readonly action: string };
      if (current && !isFilling && !current.actions.includes(action)) current.actions.push(action);
    }
  }
  return seen.flatMap(({ intents, actions }) =>
    actions.length === 0 ? [] : intents.map((intent) => ({ intent, actions, at })),
  );
}
