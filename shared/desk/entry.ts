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
  v.strictObject({ kind: v.literal('taken'), ...common, agent: name }),
]);
export type DeskEntry = v.InferOutput<typeof DeskEntry>;

/** What a decision means to the desk: the session is there as `entry` says, or has left where that is absent. */
export const DeskNote = v.strictObject({
  /** Where the decision stands. A later one of the session counts, in whichever order they are written down. */
  position: count,
  entry: v.exactOptional(DeskEntry),
});
export type DeskNote = v.InferOutput<typeof DeskNote>;

/** Whether an agent sees a session: he has no list of skills, or it wants none, or one of his. */
export const isFor = (entry: DeskEntry, skills: readonly string[] | undefined): boolean =>
  skills === undefined || entry.kind !== 'waiting' || entry.skill === undefined || skills.includes(entry.skill);

/** The most urgent first; of these, who has waited longest. */
export const byUrgency = (a: DeskEntry, b: DeskEntry): number =>
  rank(a) - rank(b) || (a.since < b.since ? -1 : a.since > b.since ? 1 : 0);

const rank = (entry: DeskEntry): number => (entry.kind === 'waiting' ? PRIORITIES.indexOf(entry.priority) : -1);
