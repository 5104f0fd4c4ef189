import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { headers as noHeaders } from '@nats-io/nats-core';
import { PlatformError } from '../errors/index.ts';
import type { Appended, Log, SessionRef, Stored } from './log.ts';
import { refusal, type ApiError } from './refusal.ts';
import { requests } from './requests.ts';
import { CONVERSATIONS } from './streams.ts';
import { bellSubjects, eventSubject, sessionSubject } from './subjects.ts';
import { decode, encode, type Cipher } from './wire.ts';

const API = '$JS.API';
/** More types than the catalogue has: a batch of this size is never cut. */
const MAX_TYPES = 64;
/** The session does not stand where it was expected to; the description ends in where it does. */
const WRONG_LAST_SEQUENCE = 10071;
/**
 * A cluster has not stored yet what it let in before: the leader is new (10163), another event of the session is under
 * way (10164), or this very one is (10158).
 */
const UNDER_WAY = new Set([10158, 10163, 10164]);
const NO_MESSAGE = 10037;

interface PubAck {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: ApiError;
}
interface RawMessage {
  readonly message?: {
    readonly subject: string;
    readonly seq: number;
    readonly hdrs?: string;
    readonly data?: string;
  };
  readonly error?: ApiError;
}

/** The log on a JetStream stream. With a cipher, the data of events is stored encrypted. */
export function jetstreamLog(
  nc: NatsConnection,
  options: { readonly cipher?: Cipher; readonly timeoutMs?: number } = {},
): Log {
  const { cipher } = options;
  const send = requests(nc, options.timeoutMs);
  const ask = (verb: string, query: object) =>
    [`${API}.${verb}.${CONVERSATIONS}`, Buffer.from(JSON.stringify(query))] as const;

  const read = async (m: Pick<Msg, 'headers' | 'data'>, ref?: SessionRef): Promise<Stored | undefined> => {
    if (!m.headers) return undefined;
    const subject = m.headers.get('Nats-Subject');
    // Of another session: none of ours to decrypt.
    if (ref && !subject.startsWith(sessionSubject(ref).slice(0, -1))) return undefined;
    const stored = await decode(m.headers, m.data, Number(m.headers.get('Nats-Sequence')), cipher);
    if ('unreadable' in stored) {
      if (stored.unreadable === 'erased') return undefined;
      throw malformed(stored.why);
    }
    // Who may write to one session's subject must not speak in the name of another.
    if (eventSubject(stored.envelope) !== subject) throw malformed('its subject names another session or type');
    return stored;
  };
  const readAll = async (messages: readonly Msg[], ref: SessionRef): Promise<readonly Stored[]> => {
    const all = await Promise.all(messages.map((m) => read(m, ref)));
    return all.filter((s) => s !== undefined).sort((a, b) => a.position - b.position);
  };
  /** Only the leader knows for sure: a replica that answers a direct get may lag behind. */
  const fromLeader = async (ref: SessionRef, position: number): Promise<Stored | undefined> => {
    const reply = await send.one(...ask('STREAM.MSG.GET', { seq: position }));
    const { message, error } = reply.json<RawMessage>();
    // Only this says that there is nothing. Whatever else is wrong, a leader that cannot answer has not said so.
    if (error?.err_code === NO_MESSAGE) return undefined;
    if (error || !message) throw refusal('a read', error ?? {});
    const headers = parseHeaders(message.hdrs);
    headers.set('Nats-Sequence', String(message.seq));
    headers.set('Nats-Subject', message.subject);
    return read({ headers, data: Buffer.from(message.data ?? '', 'base64') }, ref);
  };

  return {
    async append(event, previous): Promise<Appended> {
      const { subject, headers, body } = await encode(event, previous, cipher);
      const ack = (await send.one(subject, body, headers)).json<PubAck>();
      if (ack.error) return refused(ack.error);
      const position = ack.seq ?? 0;
      if (ack.duplicate) return { kind: 'duplicate', position };
      return { kind: 'appended', stored: { envelope: event, position, previous } };
    },

    async latest(ref) {
      const query = { multi_last: [sessionSubject(ref)], batch: MAX_TYPES };
      return readAll(await send.many(...ask('DIRECT.GET', query)), ref);
    },

    async at(ref, position) {
      if (position < 1) return undefined;
      const m = await send.one(...ask('DIRECT.GET', { seq: position }));
      return (m.headers?.code ?? 0) === 0 ? read(m, ref) : fromLeader(ref, position);
    },

    async scan(ref, after, limit) {
      const query = { seq: after + 1, next_by_subj: sessionSubject(ref), batch: limit };
      return readAll(await send.many(...ask('DIRECT.GET', query)), ref);
    },

    follow(match, ring) {
      const subscriptions = bellSubjects(match).map((subject) =>
        nc.subscribe(subject, {
          callback: (_error, m) => {
            read(m).then(
              (stored) => {
                if (stored) ring(stored);
              },
              // A doorbell promises nothing: who waits looks by itself.
              () => undefined,
            );
          },
        }),
      );
      return {
        stop: () => {
          for (const s of subscriptions) s.unsubscribe();
        },
      };
    },

    async purge(ref, through) {
      const query = { filter: sessionSubject(ref), seq: through + 1 };
      const { error } = (await send.one(...ask('STREAM.PURGE', query))).json<{ error?: ApiError }>();
      if (error) throw refusal('a purge', error);
    },
  };
}

function refused(error: ApiError): Appended {
  if (error.err_code === WRONG_LAST_SEQUENCE) {
    const last = /(\d+)$/u.exec(error.description ?? '')?.[1];
    return { kind: 'conflict', last: last === undefined ? undefined : Number(last) };
  }
  if (UNDER_WAY.has(error.err_code ?? 0)) return { kind: 'conflict', last: undefined };
  throw refusal('an append', error);
}

const malformed = (why: string) =>
  new PlatformError('log.malformed', `a stored event is malformed: ${why}`, { retry: 'never' });

function parseHeaders(block: string | undefined) {
  const parsed = noHeaders();
  const lines = Buffer.from(block ?? '', 'base64')
    .toString('utf8')
    .split('\r\n')
    .slice(1);
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) parsed.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return parsed;
}
