import { exampleLines, readAnnotations, type Annotation } from '../../../shared/bot/examples.ts';
import { isLearnable, MARKS_NEEDED } from '../../../shared/bot/marks.ts';
import { patternProblem } from '../../../shared/bot/pattern.ts';
import { dimensionNamed } from '../../../shared/nlu/entities/builtin/dimensions.ts';
import type { Notes } from './notes.ts';
import { entriesOf, isRecord, isText, listOf, type Found, type ProjectFile } from './project.ts';

/** How often something may come where Rasa's pattern sets no bound. */
const BOUND = 50;

/** Training data as it is written for this platform, and the entities that it needs. */
export interface ImportedNlu {
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  readonly intents: ReadonlySet<string>;
  /** Each entity with its roles, groups and built-in recogniser. */
  readonly entities: ReadonlyMap<string, EntityDetails>;
}

export interface EntityDetails {
  readonly roles: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly dimension?: string;
}

interface Example {
  readonly text: string;
  readonly plain: string;
}

/**
 * Rasa's training data. What would be an error here is repaired: patterns get bounds, a sentence under two intents stays
 * with the first, and an entity that nothing finds is learned from its marked values, or, where those are too few, found by
 * just these words.
 */
export function importNlu(
  files: readonly ProjectFile[],
  declared: ReadonlyMap<string, Found>,
  notes: Notes,
): ImportedNlu {
  const entries = entriesOf(files, 'nlu');
  const intents = new Map<string, Example[]>();
  const seen = new Map<string, string>();
  const roles = new Map<string, { roles: Set<string>; groups: Set<string> }>();
  const marked = new Map<string, Set<string>>();
  const valued = new Map<string, Set<string>>();
  const annotated: Annotation[] = [];
  const patterns = new Map<string, string[]>();
  const lookups = new Map<string, Set<string>>();
  const synonyms: { readonly at: Found; readonly value: string; readonly words: readonly string[] }[] = [];
  const detailsOf = (name: string, entry?: unknown): { roles: Set<string>; groups: Set<string> } => {
    const known = roles.get(name) ?? { roles: new Set(), groups: new Set() };
    roles.set(name, known);
    if (isRecord(entry)) {
      for (const role of listOf(entry['roles'])) known.roles.add(String(role));
      for (const group of listOf(entry['groups'])) known.groups.add(String(group));
    }
    return known;
  };
  for (const [name, { value }] of declared) detailsOf(name, value);

  for (const at of entries) {
    if (!isRecord(at.value)) continue;
    const { intent, regex, lookup, synonym } = at.value;
    const lines = textsOf(at.value['examples']);
    if (isText(intent)) {
      const own = intents.get(intent) ?? [];
      intents.set(intent, own);
      for (const text of lines) {
        const { text: plain, annotations } = readAnnotations(text);
        const key = plain.normalize('NFKC').toLowerCase();
        const first = seen.get(key);
        if (first !== undefined) {
          if (first !== intent) notes.note(at, `“${plain}” stands under ${first}, too: it stays there`);
          continue;
        }
        seen.set(key, intent);
        own.push({ text, plain });
        annotated.push(...annotations);
        for (const { entity, text: word, value, role, group } of annotations) {
          const details = detailsOf(entity);
          if (role !== undefined) details.roles.add(role);
          if (group !== undefined) details.groups.add(group);
          setOf(marked, entity).add(word);
          if (value !== undefined) setOf(valued, entity).add(value);
        }
      }
    } else if (isText(regex)) {
      for (const source of lines) {
        const bounded = withBounds(source);
        const problem = patternProblem(bounded);
        if (!roles.has(regex)) notes.note(at, `${regex} is no entity: the pattern is left out`);
        else if (problem !== undefined) notes.note(at, `the pattern ${source} is left out: ${problem}`);
        else {
          if (bounded !== source) notes.note(at, `the pattern ${source} is now ${bounded}: it has to end somewhere`);
          patterns.set(regex, [...(patterns.get(regex) ?? []), bounded]);
        }
      }
    } else if (isText(lookup)) {
      if (roles.has(lookup)) for (const word of lines) setOf(lookups, lookup).add(word);
      else notes.note(at, `${lookup} is no entity: the lookup table is left out`);
    } else if (isText(synonym)) synonyms.push({ at, value: synonym, words: lines });
  }

  const dimensions = new Map<string, string>();
  const learned = new Set<string>();
  for (const name of roles.keys()) {
    if (patterns.has(name) || lookups.has(name)) continue;
    const dimension = valued.has(name) ? undefined : name === 'time' ? 'datetime' : dimensionNamed(name);
    const at = declared.get(name);
    if (dimension !== undefined) {
      dimensions.set(name, dimension);
      if (at) notes.note(at, `${name} is found by the built-in recogniser ${dimension}`);
    } else if (isLearnable(name, annotated)) {
      learned.add(name);
      const times = annotated.filter(({ entity }) => entity === name).length;
      if (at) notes.note(at, `${name} is learned from ${times} marked values`);
    } else if (!valued.has(name) && marked.has(name)) {
      for (const word of marked.get(name) ?? []) setOf(lookups, name).add(word);
      if (at) notes.note(at, `${name} is found by the words of its examples`, { hint: MARKS_NEEDED });
    }
  }
  // Words that stand for a value belong to the entities that have it.
  for (const { at, value, words } of synonyms) {
    const all = [value, ...words];
    const owners = [...roles.keys()].filter((name) =>
      all.some((word) => marked.get(name)?.has(word) ?? lookups.get(name)?.has(word) ?? valued.get(name)?.has(word)),
    );
    for (const owner of owners) {
      if (!learned.has(owner)) setOf(lookups, owner).add(value);
      // A lookup would take the place of what is learned: one of the marks tells the value instead.
      else if (valued.get(owner)?.has(value) !== true && tellValue([...intents.values()], owner, all, value))
        setOf(valued, owner).add(value);
    }
    const isOwned = [...lookups.values(), ...valued.values()].some((those) => those.has(value));
    if (!isOwned) notes.note(at, `no entity has the value ${value}: its synonyms are left out`);
  }
  const isOwned = (value: string): boolean => [...lookups.values(), ...valued.values()].some((all) => all.has(value));
  const isFound = (name: string): boolean =>
    patterns.has(name) || lookups.has(name) || valued.has(name) || dimensions.has(name) || learned.has(name);
  const lost = [...roles.keys()].filter((name) => !isFound(name));
  for (const name of lost) {
    const at = declared.get(name);
    if (at) notes.note(at, `nothing finds the entity ${name}: it is left out`, { hint: 'add a lookup or a regex' });
  }
  return {
    intents: new Set(intents.keys()),
    entities: new Map(
      [...roles].flatMap(([name, details]) => {
        const dimension = dimensions.get(name);
        return isFound(name) ? [[name, { ...details, ...(dimension !== undefined && { dimension }) }] as const] : [];
      }),
    ),
    entries: [
      ...[...intents].map(([intent, all]) => ({
        intent,
        examples: block(all.map(({ text, plain }) => (lost.some((it) => text.includes(it)) ? plain : text))),
      })),
      ...[...patterns].map(([regex, all]) => ({ regex, examples: block(all) })),
      ...[...lookups].map(([lookup, all]) => ({ lookup, examples: block([...all].filter((it) => it.length <= 100)) })),
      ...synonyms.flatMap(({ value, words }) => {
        const own = words.filter((word) => word.length <= 100 && word !== value);
        return isOwned(value) && own.length > 0 ? [{ synonym: value, examples: block(own) }] : [];
      }),
    ].filter(({ examples }) => examples !== ''),
  };
}

/** Writes at the first mark of one of these words that it stands for `value`. Says whether there was one. */
function tellValue(intents: readonly Example[][], entity: string, words: readonly string[], value: string): boolean {
  for (const examples of intents) {
    for (const [i, { text, plain }] of examples.entries()) {
      const mark = words.map((word) => `[${word}]`).find((word) => text.includes(`${word}(${entity})`));
      if (mark === undefined) continue;
      examples[i] = { text: text.replace(`${mark}(${entity})`, () => mark + JSON.stringify({ entity, value })), plain };
      return true;
    }
  }
  return false;
}

/** `+` and `*` come so often at most. */
const withBounds = (source: string): string =>
  patternProblem(source) === undefined
    ? source
    : source.replaceAll(
        /(\\.|\[(?:\\.|[^\]\\])*\])|([+*])|\{(\d+),\}/gu,
        (whole, kept: string | undefined, sign: string | undefined, least: string | undefined) => {
          if (kept !== undefined) return kept;
          if (least !== undefined) return `{${least},${Math.max(BOUND, Number(least))}}`;
          return sign === undefined ? whole : `{${sign === '+' ? 1 : 0},${BOUND}}`;
        },
      );

function textsOf(examples: unknown): readonly string[] {
  if (isText(examples)) return exampleLines(examples).flatMap((line) => ('text' in line ? [line.text] : []));
  return listOf(examples).flatMap((it) => {
    const text = isRecord(it) ? it['text'] : it;
    return isText(text)
      ? text
          .split('\n')
          .map((line) => line.trim().replace(/^-\s+/u, ''))
          .filter(Boolean)
      : [];
  });
}

const block = (lines: readonly string[]): string => lines.map((line) => `- ${line}\n`).join('');

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  const known = map.get(key) ?? new Set<string>();
  map.set(key, known);
  return known;
}
