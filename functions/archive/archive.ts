import type { NatsConnection } from '@nats-io/nats-core';
import type { TenantId } from '../../events/envelope.ts';
import { booksOf, type Books, type Kept, type Noted } from '../../shared/archive/books.ts';
import { departuresOf, type Departures } from '../../shared/archive/departures.ts';
import type { ObjectStore } from '../../shared/archive/objects.ts';
import type { IsErased } from '../../shared/archive/scrub.ts';
import type { Keyring } from '../../shared/crypto/keyring.ts';
import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { register } from '../../shared/log/register.ts';
import { TIMERS } from '../../shared/log/streams.ts';
import { sessionSubject } from '../../shared/log/subjects.ts';
import { activityOf, type Activity } from './activity.ts';
import type { RetentionOf } from './retention.ts';

/** The places where a crash could come between two effects; the tests crash at each of them. */
export const CHECKPOINTS = ['planned', 'written', 'verified', 'kept', 'closed', 'archived', 'noted', 'purged'] as const;
export type Checkpoint = (typeof CHECKPOINTS)[number];

export interface ArchiveOptions {
  readonly nc: NatsConnection;
  readonly log: Log;
  readonly objects: ObjectStore;
  readonly retention: RetentionOf;
  readonly now: () => Date;
  /** Without it nothing is encrypted, and nothing can be erased. */
  readonly keyring?: Keyring;
  /** For tests: called at each place; what it throws ends the process's work there. */
  readonly checkpoint?: (name: Checkpoint) => void;
}

/** Everything that archiving needs. What it remembers is only a shortcut, and made again from the log. */
export interface Archive extends ArchiveOptions {
  readonly books: Books;
  readonly departures: Departures;
  readonly activity: Activity;
  readonly isErased: IsErased;
  /** Whether a timer of the session is set. */
  readonly hasTimer: (ref: SessionRef) => Promise<boolean>;
  readonly checkpoint: (name: Checkpoint) => void;
}

/** A session under consideration. */
export interface Candidate {
  readonly ref: SessionRef;
  readonly leaving: boolean;
  readonly kept: Noted<Kept> | undefined;
  /** Those after what is kept; all of them where it is to leave. */
  readonly events: readonly Stored[];
}

/** What one look at the log came to. Names files and counts; sessions are not named, nor what was said. */
export interface Report {
  readonly written: readonly Written[];
  /** Sessions that have left the log. */
  readonly left: number;
  /** Sessions that could have left, by the reason why they did not. */
  readonly stayed: Readonly<Record<string, number>>;
  /** Tenants whose sessions could not be looked at, and the code of the error. */
  readonly failures: readonly { readonly tenant: TenantId; readonly code: string }[];
}

/** A file that was written. */
export interface Written {
  readonly object: string;
  readonly sessions: number;
  readonly events: number;
}

/** Prepares archiving. */
export function archiveOf(options: ArchiveOptions): Archive {
  const { nc, keyring } = options;
  const timers = register(nc, TIMERS);
  return {
    checkpoint: () => undefined,
    ...options,
    books: booksOf(nc),
    departures: departuresOf(nc, keyring),
    activity: activityOf(nc),
    isErased: (ref) => keyring?.isErased(ref) ?? Promise.resolve(false),
    hasTimer: async (ref) => (await timers.subjects(sessionSubject(ref).replace(/^conv/u, 'timer'))).length > 0,
  };
}
