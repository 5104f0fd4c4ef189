import type { Msg, NatsConnection } from '@nats-io/nats-core';
import * as v from 'valibot';
import type { SessionId, TenantId } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import type { Following, SessionRef } from '../log/log.ts';
import { register } from '../log/register.ts';
import { requests } from '../log/requests.ts';
import { DESK } from '../log/streams.ts';
import { DeskNote, noteAfter, type DeskNews } from './entry.ts';

/** What is known of a session at the desk, and where that stands in the desk's own stream. */
export interface Noted {
  readonly session: SessionId;
  readonly place: number;
  readonly note: DeskNote;
}

/**
 * The sessions that wait for a person or are with one. Everything in it follows from the decisions in the log, and
 * whoever carries a decision out writes it down before anything else, again and again until it is done: so what the
 * log says stands here after any crash. Every method fails with `log.unavailable` (later) without a store.
 */
export interface DeskBook {
  /**
   * Writes down what a decision means to the desk. Repeating it, or coming after a later decision, changes nothing.
   * That a customer wrote may be missed where it comes before what it follows.
   */
  note(ref: SessionRef, news: DeskNews): Promise<void>;
  /** What is known of the tenant's sessions that changed after a place, in order. May lag behind. */
  read(tenant: TenantId, after?: number): Promise<readonly Noted[]>;
  /** Calls back for each change, at most once and without a promise. */
  follow(tenant: TenantId, ring: (noted: Noted) => void): Following;
  /** Takes away a session that is not in the log any more. */
  forget(ref: SessionRef): Promise<void>;
}

const BATCH = 1_000;
const ATTEMPTS = 20;
/** Longer than any delivery is repeated; then what has left is forgotten. */
const LEFT_FOR_S = 86_400;

/** The stream `DESK`: a subject for each session, of which the newest message counts. */
export function deskBook(nc: NatsConnection): DeskBook {
  const stream = register(nc, DESK);
  const send = requests(nc);

  const write = async (ref: SessionRef, noteOn: (standing: DeskNote | undefined) => DeskNote | undefined) => {
    const subject = `desk.${ref.tenant}.${ref.session}`;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const standing = await stream.read(subject);
      const note = noteOn(standing && noteIn(standing.data));
      if (!note) return;
      const lifetime = note.entry ? undefined : LEFT_FOR_S;
      const place = await stream.write(subject, JSON.stringify(note), standing?.position ?? 0, lifetime);
      if (place !== undefined) return;
    }
    throw new PlatformError('log.contended', 'could not write to the desk', { retry: 'later', retryAfterMs: 100 });
  };

  return {
    note: (ref, news) => write(ref, (standing) => noteAfter(standing, news)),
    forget: (ref) => write(ref, (standing) => (standing?.entry ? { position: standing.position } : undefined)),
    async read(tenant, after = 0) {
      const all: Noted[] = [];
      for (let from = after; ; from = all.at(-1)?.place ?? from) {
        const query = { seq: from + 1, next_by_subj: `desk.${tenant}.*`, batch: BATCH };
        const found = await send.many(`$JS.API.DIRECT.GET.${DESK}`, Buffer.from(JSON.stringify(query)));
        all.push(...found.flatMap((m) => noted(m)));
        if (found.length < BATCH) return all;
      }
    },
    follow(tenant, ring) {
      const subscription = nc.subscribe(`desked.${tenant}.*`, {
        callback: (_error, m) => {
          for (const each of noted(m)) ring(each);
        },
      });
      return {
        stop: () => {
          subscription.unsubscribe();
        },
      };
    },
  };
}

/** A message that only a newer build can read is left to that one. */
function noted({ headers, data }: Pick<Msg, 'headers' | 'data'>): readonly Noted[] {
  const note = noteIn(data);
  if (!headers || !note) return [];
  const session = headers.get('Nats-Subject').split('.')[2] as SessionId;
  return [{ session, place: Number(headers.get('Nats-Sequence')), note }];
}

function noteIn(data: Uint8Array): DeskNote | undefined {
  const parsed = v.safeParse(DeskNote, JSON.parse(Buffer.from(data).toString('utf8')));
  return parsed.success ? parsed.output : undefined;
}
