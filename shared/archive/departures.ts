import type { NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import { EventId, Position, type Envelope } from '../../events/envelope.ts';
import { snapshot, type Snapshot } from '../../events/fields.ts';
import { sessionArchived } from '../../events/session.ts';
import { PlatformError } from '../errors/index.ts';
import type { SessionRef } from '../log/log.ts';
import { register } from '../log/register.ts';
import { DEPARTED } from '../log/streams.ts';
import type { Cipher } from '../log/wire.ts';
import { snapshotOf } from '../runtime/seal.ts';
import { dialogue } from '../session/fold.ts';
import { booksOf } from './books.ts';
import { historyOf, stateOf } from './history.ts';
import type { ObjectStore } from './objects.ts';

/** What a returning customer continues from: `archived` of `session.resumed`. */
export interface Departed {
  readonly object: string;
  readonly snapshot: Snapshot;
}

/** The state in which each session has left the log, encrypted with the session's own key. */
export interface Departures {
  /** Keeps what a session leaves with, unless it has left again later. Its state is bound to the event that says so. */
  put(ref: SessionRef, leaving: Leaving, departed: Departed): Promise<void>;
  get(ref: SessionRef): Promise<Departed | undefined>;
  remove(ref: SessionRef): Promise<void>;
}

/** The event with which a session leaves. */
export interface Leaving {
  readonly id: EventId;
  readonly position: number;
}

const Entry = v.strictObject({
  event: EventId,
  position: Position,
  object: v.string(),
  /** Base 64 where there is a cipher, else JSON. */
  state: v.string(),
});

/** The departures, kept in the log's own store. */
export function departuresOf(nc: NatsConnection, cipher: Cipher | undefined): Departures {
  const entries = register(nc, DEPARTED);
  const subjectOf = ({ tenant, session }: SessionRef) => `gone.${tenant}.${session}`;
  return {
    async put(ref, { id, position }, { object, snapshot: state }) {
      const json = JSON.stringify(state);
      const sealed = await cipher?.seal(boundTo(ref, id), Buffer.from(json));
      const entry: v.InferOutput<typeof Entry> = {
        event: id,
        position,
        object,
        state: sealed ? Buffer.from(sealed).toString('base64') : json,
      };
      for (;;) {
        const before = await entries.read(subjectOf(ref));
        if (before && readEntry(before.data).position > position) return;
        if ((await entries.write(subjectOf(ref), JSON.stringify(entry), before?.position ?? 0)) !== undefined) return;
      }
    },
    async get(ref) {
      const found = await entries.glance(subjectOf(ref));
      if (!found) return undefined;
      const { event, object, state } = readEntry(found.data);
      if (!cipher) return { object, snapshot: parsed(snapshot, state) };
      const opened = await cipher.open(boundTo(ref, event), Buffer.from(state, 'base64'));
      return opened && { object, snapshot: parsed(snapshot, Buffer.from(opened).toString()) };
    },
    remove: (ref) => entries.clear(subjectOf(ref)),
  };
}

export interface ReturningOptions {
  readonly nc: NatsConnection;
  readonly cipher?: Cipher;
  /** Needed only when the rules of the fold have changed since a session left; read then, and not before. */
  readonly objects?: ObjectStore;
}

/**
 * What the archive keeps of a session that has left the log; undefined where none has, or where it was erased.
 * One read by subject, so it may be asked for every session that the log does not know.
 */
export function returning({
  nc,
  cipher,
  objects,
}: ReturningOptions): (ref: SessionRef) => Promise<Departed | undefined> {
  const departures = departuresOf(nc, cipher);
  const books = booksOf(nc);
  return async (ref) => {
    const departed = await departures.get(ref);
    if (!departed || departed.snapshot.fold === dialogue.version) return departed;
    if (!objects) {
      const message = `the state of a session that has left was folded by ${departed.snapshot.fold}`;
      throw new PlatformError('archive.outdated-state', message, { retry: 'later' });
    }
    const history = await historyOf(books, objects, cipher, ref);
    return { object: departed.object, snapshot: snapshotOf(dialogue as never, stateOf(history)) };
  };
}

const readEntry = (data: Uint8Array) => parsed(Entry, Buffer.from(data).toString());

/** The place of a state among the events of its session. */
const boundTo = ({ tenant, session }: SessionRef, id: EventId): Envelope => ({
  id,
  type: sessionArchived.type,
  revision: sessionArchived.revision,
  tenant,
  session,
  time: new Date(0).toISOString(),
  emitter: 'archive',
  data: undefined,
});

function parsed<S extends v.GenericSchema>(schema: S, json: string): v.InferOutput<S> {
  try {
    return v.parse(schema, JSON.parse(json));
  } catch (cause) {
    throw new PlatformError('archive.damaged', 'what the archive kept of a session is damaged', {
      retry: 'never',
      cause,
    });
  }
}
