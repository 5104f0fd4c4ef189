import { ulid } from 'ulid';
import type { Draft } from '../../events/define.ts';
import type { Envelope, EventId, SessionId, TenantId } from '../../events/envelope.ts';
import { sessionOpened } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { tailOf } from '../log/append.ts';
import type { Log, SessionRef } from '../log/log.ts';
import { readSession } from '../log/read.ts';
import { unwatched, type Host } from '../runtime/host.ts';
import { sessionCache } from '../runtime/recall.ts';
import { testBot } from './bot.ts';

export const TENANT = 'acme' as TenantId;

/** A session that nobody has used yet. */
export const newSession = (tenant = TENANT): SessionRef => ({ tenant, session: ulid() as SessionId });

/** An event of a session as a gateway would write it: without a cause. */
export function incoming(ref: SessionRef, draft: Draft, over: Partial<Envelope> = {}): Envelope {
  const id = ulid() as EventId;
  const turn = draft.type === utteranceReceived.type ? { turn: over.id ?? id } : {};
  return {
    id,
    type: draft.type,
    revision: draft.revision,
    ...ref,
    ...turn,
    time: '2026-01-01T00:00:00.000Z',
    emitter: 'gateway',
    data: draft.data,
    ...over,
  };
}

const bot = { name: testBot.name, hash: testBot.hash };
export const opening = () => sessionOpened({ channel: 'test', bot });
export const saying = (text: string, locale = 'en') => utteranceReceived({ text, locale, channel: 'test', bot });

/** What functions run in, around any log. A small understanding stands in for the models: intents by keyword. */
export function testHost(log: Log, over: Partial<Host> = {}): Host {
  return {
    log,
    tail: tailOf(log),
    sessions: sessionCache(1_000),
    bots: () => testBot,
    now: () => new Date('2026-01-01T00:00:00.000Z'),
    ports: keywordPorts,
    telemetry: unwatched,
    ...over,
  };
}

const KEYWORDS: Readonly<Record<string, string>> = {
  hello: 'greet',
  parcel: 'track_parcel',
  human: 'human',
  bye: 'goodbye',
  status: 'order_status',
};

/** Ports that understand the test bot by keyword. */
export const keywordPorts = {
  botOf: () => Promise.resolve(testBot),
  setTimer: () => Promise.resolve(),
  tellDesk: () => Promise.resolve(),
  intentsOf: () =>
    Promise.resolve({
      threshold: 0.5,
      intents: new Set(testBot.intents.map(({ name }) => name)),
      classifier: {
        model: 'keywords@1',
        classify: (text: string) => {
          const word = Object.keys(KEYWORDS).find((w) => text.toLowerCase().includes(w));
          return word ? [{ intent: KEYWORDS[word] ?? '', confidence: 0.9 }] : [];
        },
      },
    }),
  entitiesOf: () =>
    Promise.resolve({
      model: 'keywords@1',
      extract: (text: string) =>
        [...text.matchAll(/TS\d{8}/gu)].map((m) => ({
          entity: 'order_number',
          value: m[0],
          start: m.index,
          end: m.index + m[0].length,
        })),
    }),
};

/** The types of a session's events, in order. */
export const typesOf = async (log: Log, ref: SessionRef): Promise<readonly string[]> =>
  (await readSession(log, ref)).map((s) => s.envelope.type);

/** What the customer was told, in order, one line for each turn that ended. */
export async function transcript(log: Log, ref: SessionRef): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const { envelope } of await readSession(log, ref)) {
    if (!envelope.type.startsWith('turn.')) continue;
    const { messages = [], reason } = envelope.data as { messages?: { text: string }[]; reason?: string };
    lines.push(`${envelope.type}: ${messages.map((m) => m.text).join(' ') || (reason ?? '')}`);
  }
  return lines;
}
