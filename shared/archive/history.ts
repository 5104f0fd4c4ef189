import { dialogue } from '../session/fold.ts';
import type { DialogueState } from '../session/state.ts';
import type { SessionRef, Stored } from '../log/log.ts';
import type { Cipher } from '../log/wire.ts';
import { foldable } from '../runtime/read-event.ts';
import type { Books } from './books.ts';
import type { ObjectStore } from './objects.ts';
import { fromParquet } from './parquet.ts';
import { fromRow, type ArchiveRow } from './row.ts';

/** Reads the rows of an object; empty where there is none. */
export type ReadRows = (object: string) => Promise<readonly ArchiveRow[]>;

/** Rows as they stand in the store. */
export const rowsIn =
  (objects: ObjectStore): ReadRows =>
  async (object) => {
    const bytes = await objects.get(object);
    return bytes ? fromParquet(bytes) : [];
  };

/** The events of a session that these objects hold, in the order of the log. */
export async function archivedEvents(
  read: ReadRows,
  cipher: Cipher | undefined,
  ref: SessionRef,
  objects: readonly string[],
): Promise<readonly Stored[]> {
  const events: Stored[] = [];
  for (const object of objects) {
    const rows = await read(object);
    const own = rows.filter(({ tenant, session }) => tenant === ref.tenant && session === ref.session);
    for (const row of own) {
      const stored = await fromRow(row, cipher);
      if (stored) events.push(stored);
    }
  }
  return events.sort((a, b) => a.position - b.position);
}

/** The whole history of a session as far as the archive holds it. */
export async function historyOf(
  books: Books,
  objects: ObjectStore,
  cipher: Cipher | undefined,
  ref: SessionRef,
): Promise<readonly Stored[]> {
  const kept = await books.kept(ref);
  return kept ? archivedEvents(rowsIn(objects), cipher, ref, kept.value.objects) : [];
}

/** What a session's whole history amounts to by the rules of this build. */
export const stateOf = (history: readonly Stored[]): DialogueState =>
  history.reduce((state, stored) => {
    const event = foldable(stored);
    if (!event) return state;
    if (event.type !== 'session.resumed') return dialogue.evolve(state, event);
    // The events that the kept state stands for are all here.
    const { archived: _archived, ...data } = event.data;
    return dialogue.evolve(state, { ...event, data });
  }, dialogue.initial);
