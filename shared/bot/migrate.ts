import type { Bot, Migration } from './bot.ts';
import { DEFAULT_SLOTS } from './defaults/flows.ts';
import type { BotIssue } from './error.ts';
import { didYouMean } from './nearest.ts';
import type { BotFile, DomainFile } from './schema.ts';
import type { Parsed } from './strict.ts';

/** Reads the rule by which sessions under way move to this version. */
export function readMigration(
  { source, content }: Parsed<BotFile>,
  domain: DomainFile,
): { readonly migrate?: Migration; readonly issues: readonly BotIssue[] } {
  if (!content.migrate) return { issues: [] };
  const { from, slots } = content.migrate;
  const known = [...Object.keys(domain.slots), ...DEFAULT_SLOTS.map(({ name }) => name)];
  const issues = Object.entries(slots).flatMap(([slot, to]) => {
    const at = ['migrate', 'slots', slot];
    if (known.includes(slot)) return [source.issue(at, `${slot} is a slot of this version, too`, { part: 'key' })];
    return to === null || known.includes(to) ? [] : [source.issue(at, `unknown slot ${to}`, didYouMean(to, known))];
  });
  return { migrate: { from: from === 'all' ? ['all'] : from, slots }, issues };
}

/** Whether a session that talks with an earlier version of a bot goes on with this one. */
export const takesOver = (
  bot: Pick<Bot, 'name' | 'hash' | 'migrate'>,
  from: { readonly name: string; readonly hash: string },
): boolean =>
  bot.name === from.name &&
  bot.hash !== from.hash &&
  (bot.migrate?.from ?? []).some((it) => it === 'all' || from.hash.startsWith(it));

/** What a session knows, in the words of this version: slots that have another name now, or are not wanted any more. */
export function migrated(
  { migrate, slots: declared }: Pick<Bot, 'migrate' | 'slots'>,
  slots: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const renames = migrate?.slots ?? {};
  const own = new Set(declared.map(({ name }) => name));
  const old = Object.keys(slots).filter((slot) => Object.hasOwn(renames, slot) && !own.has(slot));
  if (old.length === 0) return slots;
  const kept = Object.entries(slots).flatMap(([slot, value]) => {
    const to = old.includes(slot) ? renames[slot] : slot;
    // What was said in the new version counts.
    return to === undefined || to === null || (to !== slot && Object.hasOwn(slots, to)) ? [] : [[to, value]];
  });
  return Object.fromEntries(kept) as Record<string, string>;
}
