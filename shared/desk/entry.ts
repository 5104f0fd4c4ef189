import * as v from 'valibot';
import { count, locale, name, reason } from '../../events/fields.ts';

/** How urgent a session is, as the bot says. */
export const PRIORITIES = ['high', 'normal', 'low'] as const;

const common = {
  /** Since when it waits, or is with its agent. */
  since: v.string(),
  channel: v.string(),
  locale,
};

/** A session at the desk: it waits for a person, or one has it. Nothing that a customer has said stands here. */
export const DeskEntry = v.variant('kind', [
  v.strictObject({
    kind: v.literal('waiting'),
    ...common,
    reason,
    priority: v.picklist(PRIORITIES),
    /** What the person who is asked for should know about. */
    skill: v.exactOptional(name),
  }),
  v.strictObject({
    kind: v.literal('taken'),
    ...common,
    agent: name,
    /** Where the customer wrote last since the agent has it. */
    wrote: v.exactOptional(count),
  }),
]);
export type DeskEntry = v.InferOutput<typeof DeskEntry>;

/** What a decision means to the desk: the session is there as `entry` says, or has left where that is absent. */
export const DeskNote = v.strictObject({
  /** Where the decision stands. A later one of the session counts, in whichever order they are written down. */
  position: count,
  entry: v.exactOptional(DeskEntry),
});
export type DeskNote = v.InferOutput<typeof DeskNote>;

/** What happened, as the desk is told: a decision moved the session, or the customer wrote while a person has it. */
export type DeskNews = DeskNote | { readonly position: number; readonly wrote: true };

/** What to note after some news; undefined: what stands there is as new, or says nothing that the news would change. */
export function noteAfter(standing: DeskNote | undefined, news: DeskNews): DeskNote | undefined {
  const { position } = news;
  if ((standing?.position ?? 0) >= position) return undefined;
  if (!('wrote' in news)) return news;
  return standing?.entry?.kind === 'taken' ? { position, entry: { ...standing.entry, wrote: position } } : undefined;
}

/** Whether an agent sees a session: he has no list of skills, or it wants none, or one of his. */
export const isFor = (entry: DeskEntry, skills: readonly string[] | undefined): boolean =>
  skills === undefined || entry.kind !== 'waiting' || entry.skill === undefined || skills.includes(entry.skill);

/** The most urgent first; of these, who has waited longest. */
export const byUrgency = (a: DeskEntry, b: DeskEntry): number =>
  rank(a) - rank(b) || (a.since < b.since ? -1 : a.since > b.since ? 1 : 0);

const rank = (entry: DeskEntry): number => (entry.kind === 'waiting' ? PRIORITIES.indexOf(entry.priority) : -1);
