import type { Flow } from './bot.ts';
import type { BotIssue } from './error.ts';
import type { DomainFile, NluFile } from './schema.ts';
import { END } from './standard.ts';
import type { Parsed } from './strict.ts';

/** The part of a retrieval intent's name that the domain lists. */
export const retrievalOf = (intent: string): string | undefined =>
  intent.includes('/') ? intent.slice(0, intent.indexOf('/')) : undefined;

/**
 * Retrieval intents: the domain lists `faq`, the examples stand under `faq/opening_hours`, and `utter_faq/opening_hours`
 * answers them. Each part is an intent of its own, so the domain is given back with the parts in the place of the whole;
 * complaints still point at where the whole stands.
 */
export function withRetrieval(domain: Parsed<DomainFile>, nlu: readonly Parsed<NluFile>[]): Parsed<DomainFile> {
  const named = nlu.flatMap(({ content }) => content.nlu.flatMap(({ intent }) => intent ?? []));
  const parts = Map.groupBy(new Set(named), (intent) => retrievalOf(intent) ?? '');
  const { source, content } = domain;
  const listed = content.intents.flatMap((intent, place) =>
    (parts.get(intent) ?? [intent]).map((name) => ({ name, place })),
  );
  if (listed.length === content.intents.length && listed.every(({ name }, i) => name === content.intents[i]))
    return domain;
  return {
    content: { ...content, intents: listed.map(({ name }) => name) },
    source: {
      ...source,
      issue: ([first, index, ...rest], message, more) => {
        const inside = first === 'intents' && typeof index === 'number';
        const at = inside ? [first, listed[index]?.place ?? index, ...rest] : [first, index, ...rest];
        return source.issue(
          at.filter((it) => it !== undefined),
          message,
          more,
        );
      },
    },
  };
}

/** A flow for each part of a retrieval intent that nothing else answers: it says the part's own response. */
export function retrievalFlows(
  { source, content }: Parsed<DomainFile>,
  answered: ReadonlySet<string>,
): { readonly flows: readonly Flow[]; readonly issues: readonly BotIssue[] } {
  const issues: BotIssue[] = [];
  const flows = content.intents.flatMap((intent, i): readonly Flow[] => {
    if (retrievalOf(intent) === undefined || answered.has(intent)) return [];
    const response = `utter_${intent}`;
    if (!Object.hasOwn(content.responses, response)) {
      issues.push(source.issue(['intents', i], `response ${response} is missing`));
    }
    return [
      {
        id: intent.replace('/', '-'),
        intents: [intent],
        steps: [{ id: '1', kind: 'say', response, next: [{ to: END }] }],
      },
    ];
  });
  return { flows, issues };
}
