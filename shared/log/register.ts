import type { NatsConnection } from '@nats-io/nats-core';
import { PlatformError } from '../errors/index.ts';
import { requests } from './requests.ts';
import { EXPECTED, rawHeaders } from './wire.ts';

const API = '$JS.API';
const WRONG_LAST_SEQUENCE = new Set([10071, 10164]);

/** What stands on a subject, and where. */
export interface Entry {
  readonly position: number;
  readonly data: Uint8Array;
}

/** A stream of which only the newest message of each subject matters. */
export interface Register {
  /** The newest on the subject as any replica knows it: cheap, may lag behind. */
  glance(subject: string): Promise<Entry | undefined>;
  /** The newest on the subject, as the leader knows it. */
  read(subject: string): Promise<Entry | undefined>;
  /**
   * Stores if the newest on the subject stands at `expected` (0: nothing does). Its place, or undefined: it does not.
   * With a lifetime in seconds, the server removes it after that; the stream has to allow it.
   */
  write(subject: string, data: Uint8Array | string, expected: number, lifetimeS?: number): Promise<number | undefined>;
  /** Stores, whatever stood there. */
  put(subject: string, data: Uint8Array | string): Promise<number>;
  /** Removes one message and overwrites its bytes on disk. Nothing happens where it is gone already. */
  shred(position: number): Promise<void>;
  /** Removes everything on the subject. Its bytes may stay on disk for a while. */
  clear(subject: string): Promise<void>;
  /** The subjects that match a filter and hold something. */
  subjects(filter: string): Promise<readonly string[]>;
}

interface ApiError {
  readonly err_code?: number;
  readonly description?: string;
}

/** A stream used as a register. Every method fails with `log.unavailable` (retry later) without a store. */
export function register(nc: NatsConnection, stream: string): Register {
  const send = requests(nc);
  const ask = async <T>(verb: string, query: object): Promise<T & { readonly error?: ApiError }> =>
    (await send.one(`${API}.${verb}.${stream}`, Buffer.from(JSON.stringify(query)))).json();
  const store = async (
    subject: string,
    data: Uint8Array | string,
    expected?: number,
    lifetimeS?: number,
  ): Promise<number | undefined> => {
    const lifetime = lifetimeS === undefined ? '' : `Nats-TTL: ${lifetimeS}\r\n`;
    const headers =
      expected === undefined ? undefined : rawHeaders(`NATS/1.0\r\n${EXPECTED}: ${expected}\r\n${lifetime}\r\n`);
    const body = typeof data === 'string' ? Buffer.from(data) : data;
    const ack = (await send.one(subject, body, headers)).json<{ seq?: number; error?: ApiError }>();
    if (!ack.error) return ack.seq ?? 0;
    if (WRONG_LAST_SEQUENCE.has(ack.error.err_code ?? 0)) return undefined;
    throw refused(stream, 'an append', ack.error);
  };

  return {
    async glance(subject) {
      const m = await send.one(`${API}.DIRECT.GET.${stream}.${subject}`, new Uint8Array());
      if ((m.headers?.code ?? 0) !== 0) return undefined;
      return { position: Number(m.headers?.get('Nats-Sequence')), data: m.data };
    },
    async read(subject) {
      const { message, error } = await ask<{ message?: { seq: number; data?: string } }>('STREAM.MSG.GET', {
        last_by_subj: subject,
      });
      if (error && error.err_code !== NO_MESSAGE) throw refused(stream, 'a read', error);
      return message && { position: message.seq, data: Buffer.from(message.data ?? '', 'base64') };
    },
    write: store,
    put: async (subject, data) => (await store(subject, data)) ?? 0,
    async shred(position) {
      const { error } = await ask('STREAM.MSG.DELETE', { seq: position, no_erase: false });
      if (!error) return;
      // The server says it in different words that there is nothing to delete.
      const left = await ask('STREAM.MSG.GET', { seq: position });
      if (left.error?.err_code !== NO_MESSAGE) throw refused(stream, 'a deletion', error);
    },
    async clear(subject) {
      const { error } = await ask('STREAM.PURGE', { filter: subject });
      if (error) throw refused(stream, 'a purge', error);
    },
    async subjects(filter) {
      const { state, error } = await ask<{ state?: { subjects?: Readonly<Record<string, number>> } }>('STREAM.INFO', {
        subjects_filter: filter,
      });
      if (error) throw refused(stream, 'a question', error);
      return Object.keys(state?.subjects ?? {});
    },
  };
}

const NO_MESSAGE = 10037;

const refused = (stream: string, what: string, { err_code }: ApiError) =>
  new PlatformError('log.refused', `the log refused ${what} of ${stream} (${err_code ?? 'no code'})`, {
    retry: 'later',
    retryAfterMs: 1_000,
  });
