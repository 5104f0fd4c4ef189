import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { PlatformError } from '../errors/index.ts';
import { refusal, type ApiError } from '../log/refusal.ts';
import { requests } from '../log/requests.ts';
import { AUDIO } from '../log/streams.ts';
import { decodeChunk, encodeChunk, type SoundCipher } from './audio-wire.ts';
import { audioSubject, type CallRef, type Chunk, type StoredChunk } from './chunk.ts';

const API = '$JS.API';
const WRONG_LAST_SEQUENCE = new Set([10071, 10164]);
/** Chunks asked for at a time: 13 s of sound. */
const BATCH = 128;

/** What became of a chunk. */
export type Kept =
  | { readonly kind: 'kept'; readonly position: number }
  /** Another chunk stands where this one was to: somebody else writes to the call. */
  | { readonly kind: 'refused'; readonly last: number };

/**
 * The sound of calls: chunks, each linked to the one before it, for some minutes. Every method fails with
 * `log.unavailable` (later) without a store.
 */
export interface AudioLog {
  /** Stores a chunk after the one at `previous` (0: none). Repeating one is harmless: it stays where it stands. */
  append(ref: CallRef, chunk: Chunk, previous: number): Promise<Kept>;
  /** The chunk at a position; undefined where it is gone, was erased, or is none of this call. */
  at(ref: CallRef, position: number): Promise<StoredChunk | undefined>;
  /** The newest chunk of a call, as the leader knows it. */
  newest(ref: CallRef): Promise<StoredChunk | undefined>;
  /**
   * The chunks after one position and up to another, oldest first. Where the oldest are gone it begins later; inside
   * there is never a gap, and the last one stands at `through`.
   */
  between(ref: CallRef, after: number, through: number): Promise<readonly StoredChunk[]>;
}

interface Stored {
  readonly message?: { readonly subject: string; readonly seq: number; readonly hdrs?: string; readonly data?: string };
  readonly error?: ApiError;
}

/** The sound of calls on a JetStream stream. With a cipher, it is stored encrypted with the session's key. */
export function audioLog(
  nc: NatsConnection,
  options: { readonly cipher?: SoundCipher | undefined; readonly timeoutMs?: number } = {},
): AudioLog {
  const { cipher } = options;
  const send = requests(nc, options.timeoutMs);
  const query = (value: object) => Buffer.from(JSON.stringify(value));

  const read = async (m: Pick<Msg, 'headers' | 'data'>, ref: CallRef): Promise<StoredChunk | undefined> => {
    const subject = m.headers?.get('Nats-Subject') ?? '';
    if (subject !== audioSubject(ref)) return undefined;
    const position = Number(m.headers?.get('Nats-Sequence'));
    const result = await decodeChunk({ subject, headers: m.headers, body: m.data, position }, cipher);
    if ('chunk' in result) return result.chunk;
    if (result.unreadable === 'erased') return undefined;
    throw new PlatformError('audio.malformed', `a stored chunk is malformed: ${result.why}`, { retry: 'never' });
  };
  const fromLeader = async (ref: CallRef, which: object): Promise<StoredChunk | undefined> => {
    const { message, error } = (await send.one(`${API}.STREAM.MSG.GET.${AUDIO}`, query(which))).json<Stored>();
    if (error?.err_code === NO_MESSAGE) return undefined;
    if (error || !message) throw refusal('a read', error ?? {});
    const known = new Map(headerLines(message.hdrs));
    const headers = { get: (key: string) => known.get(key) ?? '' };
    const { subject, seq: position } = message;
    if (subject !== audioSubject(ref)) return undefined;
    const body = Buffer.from(message.data ?? '', 'base64');
    const result = await decodeChunk({ subject, headers, body, position }, cipher);
    return 'chunk' in result ? result.chunk : undefined;
  };
  const at = async (ref: CallRef, position: number): Promise<StoredChunk | undefined> => {
    if (position < 1) return undefined;
    const m = await send.one(`${API}.DIRECT.GET.${AUDIO}`, query({ seq: position }));
    return (m.headers?.code ?? 0) === 0 ? read(m, ref) : fromLeader(ref, { seq: position });
  };

  return {
    at,
    newest: (ref) => fromLeader(ref, { last_by_subj: audioSubject(ref) }),
    async append(ref, chunk, previous) {
      const { subject, headers, body } = await encodeChunk(ref, chunk, previous, cipher);
      const ack = (await send.one(subject, body, headers)).json<{ seq?: number; error?: ApiError }>();
      if (!ack.error) return { kind: 'kept', position: ack.seq ?? 0 };
      if (!WRONG_LAST_SEQUENCE.has(ack.error.err_code ?? 0)) throw refusal('a chunk', ack.error);
      const newest = await fromLeader(ref, { last_by_subj: subject });
      // What was sent before and not heard of stands there already.
      const same = newest !== undefined && newest.previous === previous && isSame(newest, chunk);
      return same ? { kind: 'kept', position: newest.position } : { kind: 'refused', last: newest?.position ?? 0 };
    },
    async between(ref, after, through) {
      const found: StoredChunk[] = [];
      for (let from = after; from < through;) {
        const ask = query({ seq: from + 1, next_by_subj: audioSubject(ref), batch: BATCH });
        const messages = await send.many(`${API}.DIRECT.GET.${AUDIO}`, ask);
        for (const m of messages) {
          const chunk = await read(m, ref);
          if (chunk && chunk.position <= through) found.push(chunk);
        }
        const reached = Number(messages.at(-1)?.headers?.get('Nats-Sequence') ?? through);
        if (messages.length < BATCH) break;
        from = reached;
      }
      return linked(found, through) ? found : walked(ref, after, through, at);
    },
  };
}

const NO_MESSAGE = 10037;

/** Whether two chunks are the same one: another writer may have counted on from the same place. */
export const isSame = (a: Chunk, b: Chunk): boolean =>
  a.number === b.number && a.last === b.last && Buffer.compare(a.sound, b.sound) === 0;

/** Whether the chunks end at a position, each after the one before it. */
const linked = (chunks: readonly StoredChunk[], through: number): boolean =>
  chunks.at(-1)?.position === through &&
  chunks.every((chunk, i) => i === 0 || chunk.previous === chunks[i - 1]?.position);

/** One by one, for what a replica has not heard of yet. */
async function walked(
  ref: CallRef,
  after: number,
  through: number,
  at: AudioLog['at'],
): Promise<readonly StoredChunk[]> {
  const found: StoredChunk[] = [];
  for (let position = through; position > after;) {
    const chunk = await at(ref, position);
    if (!chunk) break;
    found.unshift(chunk);
    position = chunk.previous;
  }
  return found;
}

function headerLines(block: string | undefined): readonly (readonly [string, string])[] {
  const lines = Buffer.from(block ?? '', 'base64')
    .toString('latin1')
    .split('\r\n')
    .slice(1);
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
}
