import { sessionArchived } from '../../events/session.ts';
import type { DataOf } from '../../events/define.ts';
import { archivedEvents, type ReadRows } from '../../shared/archive/history.ts';
import type { SessionRef, Stored } from '../../shared/log/log.ts';
import { advance } from '../../shared/runtime/recall.ts';
import { incomingId } from '../../shared/runtime/ids.ts';
import { snapshotOf } from '../../shared/runtime/seal.ts';
import { dialogue } from '../../shared/session/fold.ts';
import type { Archive, Candidate } from './archive.ts';
import { isSame } from './write.ts';

const BEGINNING = { state: dialogue.initial, position: 0 };

/** What became of a session that was to leave. */
export type Departure =
  | 'left'
  /** Something has happened in it meanwhile. */
  | 'active'
  | 'waits-for-timer'
  /** The archive does not hold all of it. */
  | 'not-archived'
  /** It does not begin with its beginning. */
  | 'broken';

/**
 * Lets a session leave the log: once the archive is known to hold it through its last position, `session.archived` is
 * appended on the condition that nothing has come since, and then everything is purged. A session in which something
 * came in between stays.
 */
export async function depart(archive: Archive, candidate: Candidate, read: ReadRows): Promise<Departure> {
  const { ref, events } = candidate;
  const last = events.at(-1);
  const begins = events[0];
  if (!last || !begins) return 'active';
  if (begins.previous !== 0 && begins.envelope.type !== 'session.resumed') return 'broken';
  // A process crashed here after the session's last event: everything before it was checked.
  if (last.envelope.type === sessionArchived.type) return leave(archive, ref, last);
  if (await archive.hasTimer(ref)) return 'waits-for-timer';
  const kept = await archive.books.kept(ref);
  if (kept?.value.through !== last.position) return 'not-archived';
  const held = await archivedEvents(read, archive.keyring, ref, kept.value.objects);
  const wanted = held.filter(({ position }) => position >= begins.position);
  if (!isSame(wanted, events)) return 'not-archived';
  const draft = sessionArchived({
    object: kept.value.objects.at(-1) ?? '',
    events: events.length,
    through: last.position,
    snapshot: snapshotOf(dialogue as never, advance(dialogue as never, BEGINNING, events).state),
  });
  const event = {
    ...draft,
    id: incomingId('archive', ref.tenant, ref.session, String(last.position)),
    ...ref,
    time: archive.now().toISOString(),
    causation: last.envelope.id,
    emitter: 'archive',
  };
  const result = await archive.log.append(event, last.position);
  if (result.kind !== 'appended') return 'active';
  archive.checkpoint('archived');
  return leave(archive, ref, result.stored);
}

/** Notes what a return needs and purges, if `session.archived` is still the newest event. */
async function leave(
  { departures, log, activity, checkpoint }: Archive,
  ref: SessionRef,
  archived: Stored,
): Promise<Departure> {
  const { object, snapshot } = archived.envelope.data as DataOf<typeof sessionArchived>;
  await departures.put(ref, { id: archived.envelope.id, position: archived.position }, { object, snapshot });
  checkpoint('noted');
  const newest = (await log.latest(ref)).at(-1);
  if (newest?.position !== archived.position) return 'active';
  await log.purge(ref, archived.position);
  checkpoint('purged');
  activity.forget(ref, archived.position);
  return 'left';
}
