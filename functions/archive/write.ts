import { hash } from 'node:crypto';
import type { TenantId } from '../../events/envelope.ts';
import { sessionArchived } from '../../events/session.ts';
import { archivedEvents } from '../../shared/archive/history.ts';
import { toParquet } from '../../shared/archive/parquet.ts';
import { toRow, type ArchiveRow } from '../../shared/archive/row.ts';
import { scrub } from '../../shared/archive/scrub.ts';
import type { Books, Plan } from '../../shared/archive/books.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { SessionRef, Stored } from '../../shared/log/log.ts';
import { isChain, readSession } from '../../shared/log/read.ts';
import type { Archive, Candidate, Written } from './archive.ts';

/** Events of one session that go into one object, none of them in another. */
export interface Segment {
  readonly ref: SessionRef;
  readonly after: number;
  readonly through: number;
  readonly events: readonly Stored[];
}

/** What is to be written of a candidate; undefined where everything is kept already. */
export function segmentOf({ ref, kept, events }: Candidate): Segment | undefined {
  // The last event of a session that is leaving; all before it was checked.
  if (events.at(-1)?.envelope.type === sessionArchived.type) return undefined;
  const after = kept?.value.through ?? 0;
  const fresh = events.filter(({ position }) => position > after);
  const last = fresh.at(-1);
  return last && { ref, after, through: last.position, events: fresh };
}

/** The day of a segment, UTC: that of its last event. A segment is never split, so that a turn stands in one file. */
export const dayOf = ({ events }: Segment): string => events.at(-1)?.envelope.time.slice(0, 10) ?? '';

/**
 * Writes segments of one tenant and day into one object. The plan is stored first, so that a crash at any point leaves
 * something to finish and never two objects with the same events. Undefined where nothing was written, because somebody
 * else is writing or has written.
 */
export async function write(
  archive: Archive,
  tenant: TenantId,
  day: string,
  segments: readonly Segment[],
): Promise<Written | undefined> {
  const { books, retention, keyring } = archive;
  const before = await books.plan(tenant);
  if (before?.value.state === 'open') return undefined;
  // Only a plan changes the books, and the new one is let in only if there was none since: so this still holds then.
  const unwritten = await Promise.all(segments.map(async ({ ref, after }) => (await throughOf(books, ref)) === after));
  const due = segments.filter((_, i) => unwritten[i]);
  if (due.length === 0) return undefined;
  const plan: Plan = {
    state: 'open',
    object: nameOf(tenant, day, due),
    content: keyring && retention(tenant).content === 'sealed' ? 'sealed' : 'plain',
    sessions: due.map(({ ref, after, through }) => ({ session: ref.session, after, through })),
  };
  const position = await books.setPlan(tenant, plan, before?.position ?? 0);
  if (position === undefined) return undefined;
  archive.checkpoint('planned');
  return carryOut(archive, tenant, plan, position, due);
}

const throughOf = async (books: Books, ref: SessionRef): Promise<number> => (await books.kept(ref))?.value.through ?? 0;

/** Finishes what a process that crashed had planned for a tenant. */
export async function finishPlan(archive: Archive, tenant: TenantId): Promise<Written | undefined> {
  const plan = await archive.books.plan(tenant);
  return plan?.value.state === 'open' ? carryOut(archive, tenant, plan.value, plan.position) : undefined;
}

async function carryOut(
  archive: Archive,
  tenant: TenantId,
  plan: Plan,
  position: number,
  atHand?: readonly Segment[],
): Promise<Written> {
  const { books } = archive;
  const refs = plan.sessions.map(({ session }) => ({ tenant, session }));
  const kept = await Promise.all(refs.map((ref) => books.kept(ref)));
  // Where one is in the books, the object was verified, and the session may have left since: nothing is written again.
  const verified = kept.some((entry) => entry?.value.objects.includes(plan.object));
  const segments = verified ? [] : (atHand ?? (await readSegments(archive, tenant, plan)));
  if (!verified) {
    await writeObject(archive, plan, segments);
    archive.checkpoint('written');
    const rows = await scrub(archive.objects, plan.object, archive.isErased);
    await verify(archive, plan, segments, rows);
    archive.checkpoint('verified');
  }
  for (const [i, { session, after, through }] of plan.sessions.entries()) {
    const entry = kept[i];
    const erased = !verified && !segments.some(({ ref }) => ref.session === session);
    if (erased || (entry?.value.through ?? 0) !== after) continue;
    const objects = [...(entry?.value.objects ?? []), plan.object];
    await books.keep({ tenant, session }, { through, objects }, entry?.position ?? 0);
    archive.checkpoint('kept');
  }
  // An erasure that began meanwhile may have found no entry, but it has seen the plan.
  await books.setPlan(tenant, { ...plan, state: 'done' }, position);
  archive.checkpoint('closed');
  return {
    object: plan.object,
    sessions: plan.sessions.length,
    events: segments.reduce((sum, { events }) => sum + events.length, 0),
  };
}

async function writeObject({ objects, keyring }: Archive, plan: Plan, segments: readonly Segment[]): Promise<void> {
  const cipher = plan.content === 'sealed' ? keyring : undefined;
  const rows = await Promise.all(segments.flatMap(({ events }) => events.map((stored) => toRow(stored, cipher))));
  await objects.put(plan.object, await toParquet(rows));
}

/** The segments of a plan, from the log. A session that was erased has none. */
async function readSegments(archive: Archive, tenant: TenantId, plan: Plan): Promise<readonly Segment[]> {
  const read = plan.sessions.map(async ({ session, after, through }): Promise<readonly Segment[]> => {
    const ref = { tenant, session };
    const all = await readSession(archive.log, ref, { after, through });
    const events = all.filter(({ position }) => position <= through);
    if (events.length > 0 && isChain(events, after, through)) return [{ ref, after, through, events }];
    if (await archive.isErased(ref)) return [];
    // Somebody else has finished the plan by now; what is written there must not be replaced by less.
    throw new PlatformError('archive.outdated-plan', 'a session of a plan is not in the log any more', {
      retry: 'later',
    });
  });
  return (await Promise.all(read)).flat();
}

/** Fails with `archive.differs` (later) where the object does not hold exactly what was to be written. */
async function verify(
  archive: Archive,
  plan: Plan,
  segments: readonly Segment[],
  rows: readonly ArchiveRow[],
): Promise<void> {
  const read = () => Promise.resolve(rows);
  for (const { ref, events } of segments) {
    const found = await archivedEvents(read, archive.keyring, ref, [plan.object]);
    if (!isSame(found, events) && !(await archive.isErased(ref))) throw differs();
  }
}

/** Whether two lists hold the same events. Trace contexts are not archived. */
export const isSame = (a: readonly Stored[], b: readonly Stored[]): boolean => {
  const [left, right] = [a.map(essence), b.map(essence)];
  return left.length === right.length && left.every((line, i) => line === right[i]);
};

const essence = ({ envelope, position, previous }: Stored): string => {
  const { id, type, revision, tenant, session, turn, time, causation, emitter, basis, data } = envelope;
  const at = new Date(time).getTime();
  return JSON.stringify([
    id,
    type,
    revision,
    tenant,
    session,
    turn,
    at,
    causation,
    emitter,
    basis,
    data,
    position,
    previous,
  ]);
};

/** The same segments always have the same name, and others have another. */
function nameOf(tenant: TenantId, day: string, segments: readonly Segment[]): string {
  const first = Math.min(...segments.map(({ events }) => events[0]?.position ?? 0));
  const last = Math.max(...segments.map(({ through }) => through));
  const ids = segments.flatMap(({ events }) => events.map(({ envelope, position }) => `${position} ${envelope.id}`));
  const content = hash('sha256', ids.join('\n')).slice(0, 16);
  return `tenant=${tenant}/day=${day}/${first}-${last}-${content}.parquet`;
}

const differs = () =>
  new PlatformError('archive.differs', 'a file of the archive does not hold what was written', { retry: 'later' });
