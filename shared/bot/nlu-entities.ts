import { dimensionNamed } from '../nlu/entities/builtin/dimensions.ts';
import type { EntityRule } from './bot.ts';
import type { BotIssue } from './error.ts';
import type { Annotation } from './examples.ts';
import { isLearnable, MARKS_NEEDED } from './marks.ts';
import type { NluLine } from './nlu-lines.ts';
import { patternProblem } from './pattern.ts';
import { entityDetailsOf, entityNames, type DomainFile } from './schema.ts';
import type { Parsed } from './strict.ts';

/** Longer words would make reading a text slower than its length allows. */
const LONGEST_WORD = 100;
/** How far from a value its example says something about the value's role. */
const CONTEXT = 24;

interface Found {
  readonly patterns: string[];
  /** Whether the author lists its values. */
  listed: boolean;
  /** Value by word. */
  readonly words: Map<string, string>;
}

/** Gathers how each entity is found. A synonym belongs to the entities that list its value. */
export function readEntities(
  lines: readonly NluLine[],
  annotated: readonly Annotation[],
  domain: Parsed<DomainFile>,
): { readonly entities: readonly EntityRule[]; readonly issues: readonly BotIssue[] } {
  const issues: BotIssue[] = [];
  const names = entityNames(domain.content);
  const found = new Map<string, Found>(names.map((name) => [name, nothingYet()]));
  const owners = new Map<string, Set<string>>();
  const addWord = (entity: string, word: string, value: string): void => {
    found.get(entity)?.words.set(word, value);
    owners.set(value, (owners.get(value) ?? new Set()).add(entity));
  };
  for (const { kind, name, text, issue } of lines) {
    if (kind === 'regex') {
      const problem = patternProblem(text);
      if (problem !== undefined) issues.push(issue(problem));
      found.get(name)?.patterns.push(text);
    } else if (kind !== 'intent' && text.length > LONGEST_WORD) {
      issues.push(issue(`a word may have ${LONGEST_WORD} characters`));
    }
    if (kind !== 'lookup') continue;
    addWord(name, text, text);
    const entry = found.get(name);
    if (entry) entry.listed = true;
  }
  // A marked text without a value is an example of what a pattern or a lookup finds, not a word of its own.
  for (const { entity, text, value } of annotated) if (value !== undefined) addWord(entity, text, value);
  for (const { kind, name, text, issue } of lines) {
    if (kind !== 'synonym') continue;
    const entities = owners.get(name);
    if (!entities) issues.push(issue(`no lookup lists ${name}, for which this is a synonym`));
    for (const entity of entities ?? []) found.get(entity)?.words.set(text, name);
  }
  const entities = names.map((name, i): EntityRule => {
    const { patterns, words, listed } = found.get(name) ?? nothingYet();
    const { groups, dimension: asked } = entityDetailsOf(domain.content, i);
    const dimension = asked === undefined ? undefined : dimensionNamed(asked);
    const learned = patterns.length === 0 && !listed && dimension === undefined && isLearnable(name, annotated);
    if (patterns.length + words.size === 0 && dimension === undefined && !learned) {
      const message = `nothing finds entity ${name}: it has no regex and no lookup`;
      issues.push(domain.source.issue(['entities', i], message, { hint: MARKS_NEEDED }));
    }
    const contexts = contextsOf(name, annotated);
    return {
      name,
      patterns,
      words: [...words].map(([word, value]) => ({ word, value })),
      ...(dimension !== undefined && { dimension }),
      ...(contexts.length > 0 && { contexts }),
      ...(groups.length > 0 && { groups }),
      ...(learned && { learned }),
    };
  });
  return { entities, issues };
}

const nothingYet = (): Found => ({ patterns: [], listed: false, words: new Map<string, string>() });

/** What stood around the values that an example gives a role. */
function contextsOf(name: string, annotated: readonly Annotation[]): NonNullable<EntityRule['contexts']> {
  const plain = (text: string): string => text.normalize('NFKC').toLowerCase();
  const all = annotated.flatMap(({ entity, role, before, after }) =>
    entity === name && role !== undefined
      ? [{ role, before: plain(before).slice(-CONTEXT), after: plain(after).slice(0, CONTEXT) }]
      : [],
  );
  return [...new Map(all.map((context) => [JSON.stringify(context), context])).values()];
}
