import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { headers as noHeaders } from '@nats-io/nats-core';
import { PlatformError } from '../errors/index.ts';
import type { Appended, Log, SessionRef, Stored } from './log.ts';
import { requests } from './requests.ts';
import { CONVERSATIONS } from './streams.ts';
import { bellSubjects, sessionSubject } from './subjects.ts';
import { decode, encode, type Cipher } from './wire.ts';

const API = '$JS.API';
/** More types than the catalogue has: a batch of this size is never cut. */
const MAX_TYPES = 64;
// Error codes of the server: the sequence is wrong (and named), or another write of the session is under way.
const WRONG_LAST_SEQUENCE = 10071;
const WRONG_LAST_SEQUENCE_UNKNOWN = 10164;

interface PubAck {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
}
interface RawMessage {
  readonly message?: { readonly seq: number; readonly hdrs?: string; readonly data?: string };
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

  const read = async (m: Msg, ref?: SessionRef): Promise<Stored | undefined> => {
    if (!m.headers) return undefined;
    const stored = await decode(m.headers, m.data, Number(m.headers.get('Nats-Sequence')), cipher);
    if ('unreadable' in stored) {
      if (stored.unreadable === 'erased') return undefined;
      throw new PlatformError('log.malformed', `a stored event is malformed: ${stored.why}`, { retry: 'never' });
    }
    const { tenant, session } = stored.envelope;
    return ref && (tenant !== ref.tenant || session !== ref.session) ? undefined : stored;
  };
  const readAll = async (messages: readonly Msg[], ref: SessionRef): Promise<readonly Stored[]> => {
    const all = await Promise.all(messages.map((m) => read(m, ref)));
    return all.filter((s) => s !== undefined).sort((a, b) => a.position - b.position);
  };
  /** Only the leader knows for sure: a replica that answers a direct get may lag behind. */
  const fromLeader = async (ref: SessionRef, position: number): Promise<Stored | undefined> => {
    const reply = await send.one(...ask('STREAM.MSG.GET', { seq: position }));
    const { message } = reply.json<RawMessage>();
    if (!message) return undefined;
    const headers = parseHeaders(message.hdrs);
    headers.set('Nats-Sequence', String(message.seq));
    return read({ headers, data: Buffer.from(message.data ?? '', 'base64') } as unknown as Msg, ref);
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
      const reply = (await send.one(...ask('STREAM.PURGE', query))).json<{ error?: { description?: string } }>();
      if (reply.error) throw new PlatformError('log.purge-failed', 'could not purge a session', { retry: 'later' });
    },
  };
}

function refused(error: NonNullable<PubAck['error']>): Appended {
  if (error.err_code === WRONG_LAST_SEQUENCE) {
    const last = /(\d+)$/u.exec(error.description ?? '')?.[1];
    return { kind: 'conflict', last: last === undefined ? undefined : Number(last) };
  }
  if (error.err_code === WRONG_LAST_SEQUENCE_UNKNOWN) return { kind: 'conflict', last: undefined };
  throw new PlatformError('log.append-refused', `the log refused an append (${error.err_code ?? error.code})`, {
    retry: 'later',
    retryAfterMs: 1_000,
  });
}

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
