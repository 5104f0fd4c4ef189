import { createHash } from 'node:crypto';
import type { Bot } from './bot.ts';

/**
 * The same bot in the one order that its files' layout has no part in, with its hash. Where order means something
 * (languages, variants, steps, buttons), it stays.
 */
export function canonicalBot(content: Omit<Bot, 'hash'>): Bot {
  const { name, locales, intents, entities, slots, flows, responses, settings, actions, migrate } = content;
  const ordered: Omit<Bot, 'hash'> = {
    name,
    locales,
    intents: sortedBy(intents, (it) => it.name).map((intent) => ({
      name: intent.name,
      examples: sortedBy(intent.examples, ({ locale, text }) => `${locale}\n${text}`),
    })),
    entities: sortedBy(entities, (it) => it.name).map((rule) => ({
      name: rule.name,
      patterns: rule.patterns.toSorted(byCode),
      words: sortedBy(rule.words, ({ word }) => word),
      ...(rule.dimension !== undefined && { dimension: rule.dimension }),
      ...(rule.contexts !== undefined && {
        contexts: sortedBy(rule.contexts, ({ role, before, after }) => `${role}\n${before}\n${after}`),
      }),
      ...(rule.groups !== undefined && { groups: rule.groups }),
      ...(rule.learned !== undefined && { learned: rule.learned }),
    })),
    slots: sortedBy(slots, (it) => it.name),
    flows: sortedBy(flows, (it) => it.id),
    responses: Object.fromEntries(sortedBy(Object.entries(responses), ([id]) => id)),
    settings,
    ...(migrate !== undefined && { migrate }),
    ...(actions !== undefined && { actions: sortedBy(actions, (it) => it.name) }),
  };
  return { ...ordered, hash: contentHash(ordered) };
}

/** The hash of a bot's content in canonical order, 32 hexadecimal digits. */
export const contentHash = (ordered: object): string =>
  createHash('sha256').update(stableJson(ordered)).digest('hex').slice(0, 32);

/** Code units, not a language's order: the same on every machine. */
function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortedBy<T>(list: readonly T[], key: (item: T) => string): readonly T[] {
  return list.toSorted((a, b) => byCode(key(a), key(b)));
}

/** JSON with sorted keys, so that the order in which an object was put together does not show. */
function stableJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(sortedBy(Object.entries(part), ([key]) => key))
      : part,
  );
}
