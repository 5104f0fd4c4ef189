import type { Example, Intent } from './bot.ts';
import type { BotIssue } from './error.ts';
import { readAnnotations, type Annotation } from './examples.ts';
import { marksOf } from './marks.ts';
import { didYouMean } from './nearest.ts';
import type { Declared, NluLine } from './nlu-lines.ts';
import { entityDetailsOf, entityNames, type DomainFile } from './schema.ts';
import type { Parsed } from './strict.ts';

const LONGEST_EXAMPLE = 1_000;

/** Gathers the examples of each intent, and the words for entities that are marked in them. */
export function readIntents(
  lines: readonly NluLine[],
  declared: Declared,
  domain: Parsed<DomainFile>,
): {
  readonly intents: readonly Intent[];
  readonly words: readonly Annotation[];
  readonly issues: readonly BotIssue[];
} {
  const byIntent = new Map<string, Example[]>(domain.content.intents.map((name) => [name, []]));
  const words: Annotation[] = [];
  const seen = new Map<string, string>();
  const issues: BotIssue[] = [];
  for (const { kind, name, language, issue, ...line } of lines) {
    if (kind !== 'intent') continue;
    const { text, annotations, bad } = readAnnotations(line.text);
    if (bad !== undefined) issues.push(issue('this annotation cannot be read', { hint: 'write [text](entity)' }));
    if (text.length > LONGEST_EXAMPLE) issues.push(issue(`an example may have ${LONGEST_EXAMPLE} characters`));
    for (const annotation of annotations) {
      const { entity } = annotation;
      if (declared.entities.has(entity)) {
        words.push(annotation);
        issues.push(...undeclared(annotation, domain.content).map((what) => issue(what)));
      } else issues.push(issue(`unknown entity ${entity}`, didYouMean(entity, declared.entities)));
    }
    // The same sentence under two intents can only confuse; twice under one, it is a slip.
    const key = text.normalize('NFKC').toLowerCase();
    const first = seen.get(key);
    if (first === undefined) seen.set(key, name);
    else issues.push(issue(`this example already stands under ${first}`));
    byIntent.get(name)?.push({ locale: language ?? declared.locales[0], text, marks: marksOf(annotations) });
  }
  const intents = domain.content.intents.map((name, i) => {
    const examples = byIntent.get(name) ?? [];
    if (examples.length === 0) issues.push(domain.source.issue(['intents', i], `intent ${name} has no examples`));
    return { name, examples };
  });
  return { intents, words, issues };
}

/** A role or a group that an example gives and the domain does not know. */
function undeclared({ entity, role, group }: Annotation, domain: DomainFile): readonly string[] {
  const { roles, groups } = entityDetailsOf(domain, entityNames(domain).indexOf(entity));
  return [
    ...(role === undefined || roles.includes(role) ? [] : [`unknown role ${role} of entity ${entity}`]),
    ...(group === undefined || groups.includes(group) ? [] : [`unknown group ${group} of entity ${entity}`]),
  ];
}
