import * as v from 'valibot';
import { SessionId } from '../../../events/envelope.ts';
import { count, locale, name, reason } from '../../../events/fields.ts';
import type { Noted } from '../../../shared/desk/book.ts';
import { byUrgency, isFor, PRIORITIES, type DeskEntry } from '../../../shared/desk/entry.ts';
import { Agent } from '../../../shared/tenancy/agent.ts';

const common = {
  session: SessionId,
  since: v.pipe(v.string(), v.description('Since when it waits, or is with its agent')),
  channel: v.string(),
  locale,
};
const Waiting = v.strictObject({ ...common, reason, priority: v.picklist(PRIORITIES), skill: v.exactOptional(name) });
const Taken = v.strictObject({
  ...common,
  agent: name,
  wrote: v.exactOptional(v.pipe(count, v.description('Where in the session the customer wrote last'))),
});

/** The queue, as the API tells it. */
export const Queue = v.strictObject({
  position: v.pipe(count, v.description('Grows with each change')),
  agent: v.exactOptional(v.pipe(Agent, v.description('Who asks, where that is an agent'))),
  waiting: v.pipe(v.array(Waiting), v.description('The most urgent first; of these, who has waited longest')),
  total: v.pipe(count, v.description('How many wait, also where not all of them are listed')),
  taken: v.pipe(v.array(Taken), v.description("An agent's own; for a tenant's key those of all agents")),
});
export type Queue = v.InferOutput<typeof Queue>;

/** So many are listed: nobody looks at more, and what is pushed at each change stays small. */
const LISTED = 200;

/** What somebody sees of the queue. */
export interface Sight {
  readonly agent?: Agent | undefined;
  /** Only what wants one of these, or none; absent: everything. */
  readonly skills?: readonly string[] | undefined;
}

/** The queue as it is seen, read up to a position. */
export function queueOf(noted: readonly Noted[], { agent, skills = agent?.skills }: Sight, position: number): Queue {
  const all = noted
    .flatMap(({ session, note: { entry } }) => (entry && isFor(entry, skills) ? [{ session, entry }] : []))
    .toSorted((a, b) => byUrgency(a.entry, b.entry));
  const waiting = all.flatMap(({ session, entry }) => (entry.kind === 'waiting' ? [shown(session, entry)] : []));
  const taken = all.flatMap(({ session, entry }) =>
    entry.kind === 'taken' && (!agent || entry.agent === agent.name) ? [shown(session, entry)] : [],
  );
  return {
    position,
    ...(agent && { agent }),
    waiting: waiting.slice(0, LISTED),
    total: waiting.length,
    taken: taken.slice(0, LISTED),
  };
}

function shown<Entry extends DeskEntry>(session: SessionId, { kind: _kind, ...entry }: Entry) {
  return { session, ...entry };
}
