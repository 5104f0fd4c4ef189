import type { NatsConnection } from '@nats-io/nats-core';
import type { Keyring } from '../crypto/keyring.ts';
import { deskBook } from '../desk/book.ts';
import type { Log, SessionRef } from '../log/log.ts';
import { register } from '../log/register.ts';
import { AUDIO, HEARING, RECEIPTS, TIMERS } from '../log/streams.ts';
import { sessionSubject } from '../log/subjects.ts';
import { booksOf } from './books.ts';
import { departuresOf } from './departures.ts';
import type { ObjectStore } from './objects.ts';
import { scrub } from './scrub.ts';
import { forgetSound, soundBook } from './sound.ts';

/** What was erased, from where, when and by whom. Says nothing of what it was. */
export interface Receipt {
  readonly tenant: string;
  readonly session: string;
  readonly at: string;
  /** The operator, as whoever asked named them. */
  readonly by: string;
  readonly stores: readonly { readonly store: string; readonly done: string }[];
  /** The files of the archive from which the session was taken. */
  readonly objects: readonly string[];
}

export interface ErasureOptions {
  readonly nc: NatsConnection;
  readonly log: Log;
  readonly keyring: Keyring;
  readonly objects: ObjectStore;
  readonly now: () => Date;
}

/** More than any position. */
const EVERYTHING = Number.MAX_SAFE_INTEGER - 1;

/**
 * Erases a session, for ever: destroys its key, which makes every copy of its content unreadable wherever it is, also
 * in backups; then removes what is left of it from the log, its timers and the archive. Leaves a receipt. An erasure
 * that was interrupted is finished by repeating it.
 */
export async function eraseSession(options: ErasureOptions, ref: SessionRef, by: string): Promise<Receipt> {
  const { nc, log, keyring, objects, now } = options;
  const at = now();
  const books = booksOf(nc);
  // First: from here on nobody can add to the session, and whoever writes a file takes the session out of it again.
  await keyring.erase(ref, at);
  const timers = register(nc, TIMERS);
  for (const kind of ['timer', 'tick']) await timers.clear(sessionSubject(ref).replace(/^conv/u, kind));
  await log.purge(ref, EVERYTHING);
  await deskBook(nc).forget(ref);
  const held = await objectsOf(books, ref);
  for (const object of held) await scrub(objects, object, (r) => keyring.isErased(r));
  const sounds = await forgetSound(soundBook(nc), objects, ref);
  await register(nc, AUDIO).clear(`audio.*.${ref.tenant}.${ref.session}.>`);
  await register(nc, HEARING).clear(`hearing.*.${ref.tenant}.${ref.session}.>`);
  await departuresOf(nc, keyring).remove(ref);
  const receipt: Receipt = {
    tenant: ref.tenant,
    session: ref.session,
    at: at.toISOString(),
    by,
    stores: [
      { store: 'keys', done: 'key destroyed, its bytes overwritten; the id never opens again' },
      { store: 'log', done: 'events removed' },
      { store: 'timers', done: 'timers removed' },
      { store: 'desk', done: 'taken out of the queue' },
      { store: 'archive', done: `rows removed from ${held.length} file(s)` },
      { store: 'sound', done: `${sounds} file(s) of calls removed, and what the stream still had` },
      { store: 'departures', done: 'kept state removed' },
    ],
    objects: held,
  };
  await register(nc, RECEIPTS).put(receiptAt(ref), JSON.stringify(receipt));
  await books.forget(ref);
  return receipt;
}

/** The newest receipt of a session; undefined where it was not erased. */
export async function receiptOf(nc: NatsConnection, ref: SessionRef): Promise<Receipt | undefined> {
  const entry = await register(nc, RECEIPTS).read(receiptAt(ref));
  return entry && (JSON.parse(Buffer.from(entry.data).toString()) as Receipt);
}

/** The objects that hold the session, or may hold it before long: a plan says so before it is carried out. */
async function objectsOf(books: ReturnType<typeof booksOf>, ref: SessionRef): Promise<readonly string[]> {
  // In this order: what is in no plan any more is in the entry of its session by then.
  const plan = await books.plan(ref.tenant);
  const kept = await books.kept(ref);
  const planned = plan?.value.sessions.some(({ session }) => session === ref.session) ? [plan.value.object] : [];
  return [...new Set([...(kept?.value.objects ?? []), ...planned])];
}

const receiptAt = ({ tenant, session }: SessionRef): string => `receipt.${tenant}.${session}`;
