import { jetstreamManager } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import type { SessionId, TenantId } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import type { SessionRef, Stored } from './log.ts';
import { requests } from './requests.ts';
import { CONVERSATIONS } from './streams.ts';
import { eventSubject, PARTITIONS } from './subjects.ts';
import { decode, type Cipher } from './wire.ts';

const BATCH = 500;
/** Above this size of the stream, sessions are gathered partition by partition, so that they fit into memory. */
const ONE_PASS_BYTES = 64 << 20;

/** Everything that stands in the log of one session. */
export interface Swept {
  readonly ref: SessionRef;
  /** Oldest first. */
  readonly events: readonly Stored[];
  /** What stands in the session and is no event, or stands under a subject that is not its own. */
  readonly damaged: readonly { readonly position: number; readonly why: string }[];
  /** Whether the key of the session was destroyed, so that its events say nothing any more. */
  readonly erased: boolean;
}

export interface SweepOptions {
  readonly tenant?: TenantId;
  /** Only this session; with its tenant. */
  readonly session?: SessionId;
  readonly cipher?: Cipher;
  /** How large the stream may be to be gathered in one pass. */
  readonly onePassBytes?: number;
  /** Called now and then with the part that is done, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/**
 * Goes once over the whole log, or one tenant's part of it, and yields session after session. For operators: it reads
 * everything. It makes no consumer, and what is appended meanwhile may be seen or not, but never without what was
 * before it in its session.
 */
export async function* sweep(nc: NatsConnection, options: SweepOptions = {}): AsyncGenerator<Swept, void, undefined> {
  const { tenant, session, cipher, onePassBytes = ONE_PASS_BYTES, onProgress = () => undefined } = options;
  const jsm = await jetstreamManager(nc);
  const { state } = await jsm.streams.info(CONVERSATIONS);
  const send = requests(nc);
  const partitions =
    state.bytes > onePassBytes && !session ? Array.from({ length: PARTITIONS }, (_, p) => String(p)) : ['*'];
  const span = Math.max(1, state.last_seq - state.first_seq + 1);

  for (const [pass, partition] of partitions.entries()) {
    const sessions = new Map<string, Growing>();
    const subject = `conv.${partition}.${tenant ?? '*'}.${session ?? '*'}.>`;
    for (let seq = state.first_seq; seq <= state.last_seq;) {
      const query = Buffer.from(JSON.stringify({ seq, next_by_subj: subject, batch: BATCH }));
      const messages = await send.many(`$JS.API.DIRECT.GET.${CONVERSATIONS}`, query);
      for (const m of messages) {
        const position = Number(m.headers?.get('Nats-Sequence'));
        const at = m.headers?.get('Nats-Subject') ?? '';
        gather(sessions, at, position, await read(m, position, cipher));
        seq = position + 1;
      }
      // A short answer is not the last one: the server also ends it when it has become too large.
      if (messages.length === 0) break;
      onProgress((pass + (seq - state.first_seq) / span) / partitions.length);
    }
    yield* sessions.values();
  }
  onProgress(1);
}

type Read = Awaited<ReturnType<typeof decode>>;

async function read({ headers, data }: Msg, position: number, cipher?: Cipher): Promise<Read> {
  if (!headers) return { unreadable: 'malformed', why: 'headers' };
  try {
    return await decode(headers, data, position, cipher);
  } catch (error) {
    // One event that its key does not open is a finding; a store that is away is the end of the sweep.
    if (error instanceof PlatformError && error.retry === 'never') return { unreadable: 'malformed', why: error.code };
    throw error;
  }
}

interface Growing extends Swept {
  readonly events: Stored[];
  readonly damaged: { readonly position: number; readonly why: string }[];
  erased: boolean;
}

function gather(sessions: Map<string, Growing>, subject: string, position: number, event: Read): void {
  const [, , tenant = '', session = ''] = subject.split('.');
  const key = `${tenant}/${session}`;
  let swept = sessions.get(key);
  if (!swept) {
    const ref = { tenant: tenant as TenantId, session: session as SessionId };
    swept = { ref, events: [], damaged: [], erased: false };
    sessions.set(key, swept);
  }
  if ('unreadable' in event) {
    if (event.unreadable === 'erased') swept.erased = true;
    else swept.damaged.push({ position, why: `is not an event: ${event.why}` });
  } else if (eventSubject(event.envelope) !== subject) {
    swept.damaged.push({ position, why: `is not of the session, type or partition that its subject ${subject} names` });
  } else swept.events.push(event);
}
