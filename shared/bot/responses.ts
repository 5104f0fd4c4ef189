import type { ResponseVariant } from './bot.ts';
import { DEFAULT_SLOTS } from './defaults/flows.ts';
import type { BotIssue } from './error.ts';
import { didYouMean } from './nearest.ts';
import { entityNames, type DomainFile } from './schema.ts';
import { CONTEXT_PREFIX, STANDARD_RESPONSES } from './standard.ts';
import type { Parsed } from './strict.ts';

/** What Rasa's channels can show beside text. */
const UNSAID = ['image', 'attachment', 'custom', 'elements', 'quick_replies'] as const;
/** Placeholders in a response: `{order_number}`. */
const PLACEHOLDER = /\{([^{}]*)\}/g;
/** A button that means an intent: `/track_parcel` or `/track_parcel{"order_number":"TS1"}`. */
const BUTTON = /^\/([^{\s]*)/;
/** A button that fills slots: `/SetSlots(size=L, colour=red)`. */
const SETS = /^\/SetSlots\((.*)\)$/s;

const slotsSet = (payload: string): readonly string[] =>
  (SETS.exec(payload)?.[1] ?? '')
    .split(',')
    .flatMap((pair) => (pair.includes('=') ? [pair.slice(0, pair.indexOf('=')).trim()] : []));

/** Reads what the bot can say; checks its languages, placeholders and buttons, and the names that the domain declares. */
export function readResponses(
  { source, content }: Parsed<DomainFile>,
  locales: readonly [string, ...string[]],
): {
  readonly responses: Readonly<Record<string, readonly ResponseVariant[]>>;
  readonly issues: readonly BotIssue[];
  readonly warnings: readonly BotIssue[];
} {
  const issues: BotIssue[] = [];
  const warnings: BotIssue[] = [];
  const slots = [...Object.keys(content.slots), ...DEFAULT_SLOTS.map(({ name }) => name)];
  const entities = entityNames(content);
  for (const [kind, names] of Object.entries({ intents: content.intents, entities })) {
    for (const [i, name] of names.entries()) {
      if (names.indexOf(name) !== i) issues.push(source.issue([kind, i], `${name} is declared twice`));
    }
  }
  for (const name of Object.values(STANDARD_RESPONSES)) {
    if (!Object.hasOwn(content.responses, name)) {
      issues.push(source.issue(['responses'], `response ${name} is missing`, { hint: 'every bot needs it' }));
    }
  }
  const responses = Object.entries(content.responses).map(([name, variants]) => {
    const path = ['responses', name];
    const read = variants.flatMap(({ text, metadata, buttons, channel, condition, translation = {}, ...rest }, i) => {
      const unsaid = UNSAID.filter((it) => rest[it] !== undefined);
      for (const key of unsaid) warnings.push(source.issue([...path, i, key], `${key} is not shown`, { part: 'key' }));
      if (text === undefined) {
        if (unsaid.length === 0) issues.push(source.issue([...path, i], 'text is missing'));
        return [];
      }
      const locale = metadata.language ?? locales[0];
      if (!locales.includes(locale)) {
        const more = { hint: `bot.yml names ${locales.join(', ')}` };
        issues.push(
          source.issue([...path, i, 'metadata', 'language'], `${locale} is not a language of this bot`, more),
        );
      }
      for (const tag of Object.keys(translation).filter((it) => !locales.includes(it))) {
        warnings.push(
          source.issue([...path, i, 'translation', tag], `${tag} is not a language of this bot`, { part: 'key' }),
        );
      }
      for (const [, slot = ''] of text.matchAll(PLACEHOLDER)) {
        if (!slots.includes(slot) && !slot.startsWith(CONTEXT_PREFIX)) {
          issues.push(source.issue([...path, i, 'text'], `unknown slot {${slot}}`, didYouMean(slot, slots)));
        }
      }
      for (const [j, { name: slot }] of (condition ?? []).entries()) {
        if (!slots.includes(slot)) {
          issues.push(
            source.issue([...path, i, 'condition', j, 'name'], `unknown slot ${slot}`, didYouMean(slot, slots)),
          );
        }
      }
      for (const [j, { payload }] of buttons.entries()) {
        const at = [...path, i, 'buttons', j, 'payload'];
        const wrong = slotsSet(payload).find((slot) => !slots.includes(slot));
        if (wrong !== undefined) issues.push(source.issue(at, `unknown slot ${wrong}`, didYouMean(wrong, slots)));
        const intent = SETS.test(payload) ? undefined : BUTTON.exec(payload)?.[1];
        if (intent === undefined || content.intents.includes(intent)) continue;
        const more = didYouMean(intent, content.intents);
        issues.push(source.issue(at, `unknown intent ${intent}`, more));
      }
      const told = Object.entries({ ...translation, [locale]: text }).filter(([tag]) => locales.includes(tag));
      return told.map(([tag, words]): ResponseVariant => ({
        locale: tag,
        ...(channel !== undefined && { channel }),
        ...(condition !== undefined && {
          condition: Object.fromEntries(condition.map(({ name: slot, value }) => [slot, String(value)])),
        }),
        text: words,
        buttons,
      }));
    });
    if (!read.some(({ locale }) => locale === locales[0])) {
      issues.push(source.issue(path, `response ${name} has no variant in ${locales[0]}`, { part: 'key' }));
    }
    return [name, read] as const;
  });
  return { responses: Object.fromEntries(responses), issues, warnings };
}
