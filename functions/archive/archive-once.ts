import type { TenantId } from '../../events/envelope.ts';
import { sessionArchived } from '../../events/session.ts';
import { rowsIn, type ReadRows } from '../../shared/archive/history.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { readSession } from '../../shared/log/read.ts';
import type { Active } from './activity.ts';
import type { Archive, Candidate, Report, Written } from './archive.ts';
import { depart } from './depart.ts';
import type { Retention } from './retention.ts';
import { dayOf, finishPlan, segmentOf, write, type Segment } from './write.ts';

/** Sessions, and events of theirs, that are looked at together, and of which one object is written for each day. */
const BATCH_SESSIONS = 500;
const BATCH_EVENTS = 20_000;
/** Sessions that are read at a time. */
const READ_AT_ONCE = 50;
/** Sessions that leave at a time. */
const LEAVING_AT_ONCE = 50;
/** More than any position. */
const EVERYTHING = Number.MAX_SAFE_INTEGER - 1;

/**
 * Looks at the log once: archives what has been quiet for long enough, and lets sessions leave that have been idle for
 * long enough. Finishes first what an earlier look left unfinished. Repeating it is harmless, and so is another process
 * that does it at the same time. A tenant whose sessions cannot be looked at does not keep the others waiting.
 */
export async function archiveOnce(archive: Archive): Promise<Report> {
  const { activity, books, retention, now } = archive;
  await activity.refresh();
  const report: Reporting = { written: [], left: 0, stayed: {}, failures: [] };
  const due = new Map<TenantId, Active[]>((await books.tenants()).map((tenant) => [tenant, []]));
  const at = now().getTime();
  for (const active of activity.sessions()) {
    const { tenant } = active.ref;
    const wanted = retention(tenant);
    if (!isIdle(active, wanted, at) && !isUnwritten(active, wanted, at)) continue;
    const others = due.get(tenant);
    if (others) others.push(active);
    else due.set(tenant, [active]);
  }
  for (const [tenant, sessions] of due) {
    try {
      const finished = await finishPlan(archive, tenant);
      if (finished) report.written.push(finished);
      // Those of one day stand together, so that a day has few files.
      sessions.sort((a, b) => a.at - b.at);
      for await (const candidates of batches(archive, sessions)) await batch(archive, tenant, candidates, report);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      report.failures.push({ tenant, code: error.code });
    }
  }
  return report;
}

/** A report that is being put together. */
interface Reporting extends Report {
  readonly written: Written[];
  readonly stayed: Record<string, number>;
  readonly failures: { readonly tenant: TenantId; readonly code: string }[];
  left: number;
}

const stays = ({ stayed }: Reporting, why: string): void => {
  stayed[why] = (stayed[why] ?? 0) + 1;
};

const isIdle = ({ at }: { readonly at: number }, { idleMs }: Retention, now: number): boolean => now - at >= idleMs;
const isUnwritten = ({ at, position, keptThrough }: Active, { quietMs }: Retention, now: number): boolean =>
  keptThrough < position && now - at >= quietMs;

/** Reads sessions that are due, as many as fit into memory and into a file. */
async function* batches(archive: Archive, sessions: readonly Active[]): AsyncGenerator<readonly Candidate[]> {
  let gathered: Candidate[] = [];
  let events = 0;
  for (let i = 0; i < sessions.length; i += READ_AT_ONCE) {
    const read = await Promise.all(sessions.slice(i, i + READ_AT_ONCE).map((active) => inspect(archive, active)));
    gathered.push(...read.flat());
    events += read.flat().reduce((sum, candidate) => sum + candidate.events.length, 0);
    if (gathered.length < BATCH_SESSIONS && events < BATCH_EVENTS) continue;
    yield gathered;
    [gathered, events] = [[], 0];
  }
  yield gathered;
}

async function batch(
  archive: Archive,
  tenant: TenantId,
  candidates: readonly Candidate[],
  report: Reporting,
): Promise<void> {
  const byDay = Map.groupBy(
    candidates.map(segmentOf).filter((segment) => segment !== undefined),
    dayOf,
  );
  for (const [day, segments] of byDay) await writeDay(archive, tenant, day, segments, report);

  const read = remembering(rowsIn(archive.objects));
  const leaving = candidates.filter((candidate) => candidate.leaving);
  for (let i = 0; i < leaving.length; i += LEAVING_AT_ONCE) {
    await Promise.all(leaving.slice(i, i + LEAVING_AT_ONCE).map((one) => letGo(archive, one, read, report)));
  }
}

async function writeDay(
  archive: Archive,
  tenant: TenantId,
  day: string,
  segments: readonly Segment[],
  report: Reporting,
): Promise<void> {
  const written = await write(archive, tenant, day, segments);
  // Another process writes for this tenant: the next look sees what is left to do.
  if (!written) return;
  report.written.push(written);
  for (const { ref, through } of segments) archive.activity.keptThrough(ref, through);
}

/** Reads a session that is due; none where there is nothing to do. */
async function inspect(archive: Archive, active: Active): Promise<readonly Candidate[]> {
  const { books, log, retention, activity, now } = archive;
  const { ref, position } = active;
  const wanted = retention(ref.tenant);
  const kept = await books.kept(ref);
  const leaving = isIdle(active, wanted, now().getTime());
  const events = await readSession(log, ref, { after: leaving ? 0 : (kept?.value.through ?? 0), through: position });
  const last = events.at(-1);
  if (!last && !leaving) {
    activity.keptThrough(ref, position);
    return [];
  }
  if (!last) {
    // What a process that had not heard of the erasure has still appended: nobody can read it.
    if (await archive.isErased(ref)) await log.purge(ref, EVERYTHING);
    activity.forget(ref, position);
    return [];
  }
  if (last.envelope.type === sessionArchived.type) return [{ ref, kept, events, leaving }];
  // The store's clock found it; its own clock has to agree.
  const own = { at: Date.parse(last.envelope.time) };
  if (now().getTime() - own.at < wanted.quietMs) return [];
  return [{ ref, kept, events, leaving: leaving && isIdle(own, wanted, now().getTime()) }];
}

async function letGo(archive: Archive, candidate: Candidate, read: ReadRows, report: Reporting): Promise<void> {
  try {
    const departure = await depart(archive, candidate, read);
    if (departure === 'left') report.left++;
    else stays(report, departure);
  } catch (error) {
    // One session that is damaged does not keep the others.
    if (!(error instanceof PlatformError) || error.retry !== 'never') throw error;
    stays(report, error.code);
  }
}

/** Reads each object once. */
function remembering(read: ReadRows): ReadRows {
  const known = new Map<string, ReturnType<ReadRows>>();
  return (object) => {
    const before = known.get(object);
    if (before) return before;
    const rows = read(object);
    known.set(object, rows);
    return rows;
  };
}
