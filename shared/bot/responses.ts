import type { ResponseVariant } from './bot.ts';
import type { BotIssue } from './error.ts';
import { didYouMean } from './nearest.ts';
import { entityDetailsOf, entityNames, type DomainFile } from './schema.ts';
import { STANDARD_RESPONSES } from './standard.ts';
import type { Parsed } from './strict.ts';

/** Placeholders in a response: `{order_number}`. */
const PLACEHOLDER = /\{([^{}]*)\}/g;
/** A button that means an intent: `/track_parcel` or `/track_parcel{"order_number":"TS1"}`. */
const BUTTON = /^\/([^{\s]*)/;

/** Reads what the bot can say; checks its languages, placeholders and buttons, and the names that the domain declares. */
export function readResponses(
  { source, content }: Parsed<DomainFile>,
  locales: readonly [string, ...string[]],
): { readonly responses: Readonly<Record<string, readonly ResponseVariant[]>>; readonly issues: readonly BotIssue[] } {
  const issues: BotIssue[] = [];
  const slots = Object.keys(content.slots);
  const entities = entityNames(content);
  for (const [kind, names] of Object.entries({ intents: content.intents, entities })) {
    for (const [i, name] of names.entries()) {
      if (names.indexOf(name) !== i) issues.push(source.issue([kind, i], `${name} is declared twice`));
    }
  }
  for (const [slot, { mappings }] of Object.entries(content.slots)) {
    const path = ['slots', slot, 'mappings', 0];
    const { entity = '', role, group } = mappings[0] ?? {};
    const known = entityDetailsOf(content, entities.indexOf(entity));
    if (!entities.includes(entity)) {
      issues.push(source.issue([...path, 'entity'], `unknown entity ${entity}`, didYouMean(entity, entities)));
    } else if (role !== undefined && !known.roles.includes(role)) {
      issues.push(source.issue([...path, 'role'], `unknown role ${role} of ${entity}`, didYouMean(role, known.roles)));
    } else if (group !== undefined && !known.groups.includes(group)) {
      issues.push(source.issue([...path, 'group'], `unknown group ${group} of ${entity}`));
    }
  }
  for (const name of Object.values(STANDARD_RESPONSES)) {
    if (!Object.hasOwn(content.responses, name)) {
      issues.push(source.issue(['responses'], `response ${name} is missing`, { hint: 'every bot needs it' }));
    }
  }
  const responses = Object.entries(content.responses).map(([name, variants]) => {
    const path = ['responses', name];
    const read = variants.map(({ text, metadata, buttons }, i): ResponseVariant => {
      const locale = metadata.language ?? locales[0];
      if (!locales.includes(locale)) {
        const more = { hint: `bot.yml names ${locales.join(', ')}` };
        issues.push(
          source.issue([...path, i, 'metadata', 'language'], `${locale} is not a language of this bot`, more),
        );
      }
      for (const [, slot = ''] of text.matchAll(PLACEHOLDER)) {
        if (!slots.includes(slot)) {
          issues.push(source.issue([...path, i, 'text'], `unknown slot {${slot}}`, didYouMean(slot, slots)));
        }
      }
      for (const [j, { payload }] of buttons.entries()) {
        const intent = BUTTON.exec(payload)?.[1];
        if (intent === undefined || content.intents.includes(intent)) continue;
        const more = didYouMean(intent, content.intents);
        issues.push(source.issue([...path, i, 'buttons', j, 'payload'], `unknown intent ${intent}`, more));
      }
      return { locale, text, buttons };
    });
    if (!read.some(({ locale }) => locale === locales[0])) {
      issues.push(source.issue(path, `response ${name} has no variant in ${locales[0]}`, { part: 'key' }));
    }
    return [name, read] as const;
  });
  return { responses: Object.fromEntries(responses), issues };
}
