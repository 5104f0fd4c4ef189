import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  callEnded,
  callStarted,
  speechNotTranscribed,
  speechStarted,
  speechTranscribed,
} from '../../../events/call.ts';
import { endings } from '../../../events/catalogue.ts';
import { utteranceReceived } from '../../../events/understanding.ts';
import type { EventId } from '../../../events/envelope.ts';
import type { SessionRef, Stored } from '../../../shared/log/log.ts';
import { AUDIO } from '../../../shared/log/streams.ts';
import type { AudioLog } from '../../../shared/speech/audio-log.ts';
import type { StoredChunk } from '../../../shared/speech/chunk.ts';
import type { Effect } from '../../../shared/speech/listening.ts';
import { checkSession } from '../../../shared/verify/invariants.ts';
import { linesOf } from '../../asr/reference.fixture.ts';

/** One call of a session, as the log tells it. */
export interface CallHistory {
  readonly call: EventId;
  readonly chunks: readonly StoredChunk[];
  /** What listening comes to where nobody disturbs it, over the sound as it stands in the log. */
  readonly wanted: readonly (Effect & { readonly at: number })[];
}

/** What is wrong with what the log tells of a caller. */
export interface Findings {
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  /** Each flaw in words. */
  readonly flaws: readonly string[];
}

export interface HistoryOptions {
  readonly audio: AudioLog;
  readonly listen: (chunks: readonly StoredChunk[]) => Promise<CallHistory['wanted']>;
}

const FINALS: ReadonlySet<string> = new Set([speechTranscribed.type, speechNotTranscribed.type]);
const ENDINGS: ReadonlySet<string> = new Set(endings.map(({ type }) => type));
const callOf = ({ envelope: { data } }: Stored) => (data as { readonly call?: EventId }).call;
const of = (type: string) => (stored: Stored) => stored.envelope.type === type;

/** Whether everything that has begun in a session is over: its calls, and the turns of what was said. */
export function isOver(events: readonly Stored[]): boolean {
  const ended = new Set(events.filter(of(callEnded.type)).map(callOf));
  const turns = new Set(events.filter(({ envelope }) => ENDINGS.has(envelope.type)).map((s) => s.envelope.turn));
  const calls = events.filter(of(callStarted.type));
  const said = events.filter(of(utteranceReceived.type));
  return calls.length > 0 && calls.every((s) => ended.has(callOf(s))) && said.every((s) => turns.has(s.envelope.turn));
}

/** The calls of a session, with their sound. */
export async function historiesOf(
  ref: SessionRef,
  events: readonly Stored[],
  { audio, listen }: HistoryOptions,
): Promise<readonly CallHistory[]> {
  const calls = events.filter(of(callStarted.type)).map((stored) => stored.envelope.id);
  return Promise.all(
    calls.map(async (call) => {
      const at = { tenant: ref.tenant, session: ref.session, call };
      const newest = await audio.newest(at);
      const chunks = newest ? await audio.between(at, 0, newest.position) : [];
      return { call, chunks, wanted: await listen(chunks) };
    }),
  );
}

/** Why the calls of a session are over. */
export const endsOf = (events: readonly Stored[]): readonly string[] =>
  events.filter(of(callEnded.type)).map(({ envelope }) => (envelope.data as { readonly reason: string }).reason);

/** What the log tells of the ends of a call's utterances. */
export const finalsOf = (call: EventId, events: readonly Stored[]): readonly Stored[] =>
  events.filter((stored) => FINALS.has(stored.envelope.type) && callOf(stored) === call);

/** Compares what the log tells of a session's calls with what their sound comes to. */
export function judge(events: readonly Stored[], calls: readonly CallHistory[]): Findings {
  let [lost, doubled, disordered] = [0, 0, 0];
  const flaws = checkSession(events).map((finding) => JSON.stringify(finding));
  if (!isOver(events)) flaws.push('a call or a turn is not over');
  for (const { call, chunks, wanted } of calls) {
    const finals = finalsOf(call, events);
    const numbers = finals.map(({ envelope }) => (envelope.data as { readonly utterance: number }).utterance);
    const ends = wanted.filter(({ kind }) => kind === 'transcribed' || kind === 'not-transcribed');
    doubled += numbers.length - new Set(numbers).size;
    lost += ends.filter(({ utterance }) => !numbers.includes(utterance)).length;
    disordered += numbers.filter((number, i) => i > 0 && number <= (numbers[i - 1] ?? 0)).length;
    const told = linesFor(call, events);
    const lines = linesOf(wanted);
    if (JSON.stringify(told) !== JSON.stringify(lines)) {
      flaws.push(`${call} tells ${JSON.stringify(told)}, its sound says ${JSON.stringify(lines)}`);
    }
    const over = events.filter((stored) => stored.envelope.type === callEnded.type && callOf(stored) === call).length;
    if (over !== 1) flaws.push(`${call} ended ${over} times`);
    if (chunks.length > 0 && !chunks.at(-1)?.last) flaws.push(`the sound of ${call} has no end`);
    if (chunks.some(({ number }, i) => number !== i + 1)) flaws.push(`the sound of ${call} has holes`);
  }
  return { lost, doubled, disordered, flaws };
}

/** The lines that the log tells of one call, as `linesOf` has them. */
function linesFor(call: EventId, events: readonly Stored[]): readonly string[] {
  const finals = new Set(finalsOf(call, events).map(({ envelope }) => envelope.id));
  return events.flatMap((stored) => {
    const { type, data, causation } = stored.envelope;
    const { utterance = '', text = '', end = '', reason = '' } = data as Record<string, string | number | undefined>;
    if (type === utteranceReceived.type) return causation && finals.has(causation) ? [`said: ${text}`] : [];
    if (callOf(stored) !== call) return [];
    switch (type) {
      case speechStarted.type:
        return [`${utterance} started`];
      case speechTranscribed.type:
        return [`${utterance} ${end}: ${text}`];
      case speechNotTranscribed.type:
        return [`${utterance} ${reason}`];
      default:
        return [];
    }
  });
}

const SILENCE = 0xff;
const FRAME_BYTES = 160;

/**
 * Where the sound of a call that was resumed is not what its caller said; undefined: nowhere. Silence that was put in
 * where nothing came for a while is no difference. Both mu-law.
 */
export function differenceIn(chunks: readonly StoredChunk[], said: Uint8Array): string | undefined {
  const kept = Buffer.concat(chunks.map(({ sound }) => sound));
  let at = 0;
  for (let from = 0; from < said.length; from += FRAME_BYTES) {
    const frame = said.subarray(from, from + FRAME_BYTES);
    while (at < kept.length && Buffer.compare(kept.subarray(at, at + FRAME_BYTES), frame) !== 0) {
      if (!kept.subarray(at, at + FRAME_BYTES).every((byte) => byte === SILENCE)) {
        return `frame ${from / FRAME_BYTES + 1} of ${said.length / FRAME_BYTES} is not at ${at} of ${kept.length} bytes`;
      }
      at += FRAME_BYTES;
    }
    if (at >= kept.length) return `the sound ends at frame ${from / FRAME_BYTES} of ${said.length / FRAME_BYTES}`;
    at += FRAME_BYTES;
  }
  return undefined;
}

/** For each final: how long after the chunk that ended it was stored it was told, by the server's clock and the log's. */
export async function latenessOf(
  { call, wanted, chunks }: CallHistory,
  events: readonly Stored[],
  nc: NatsConnection,
): Promise<readonly number[]> {
  const jsm = await jetstreamManager(nc);
  const ends = wanted.filter(({ kind }) => kind === 'transcribed' || kind === 'not-transcribed');
  return Promise.all(
    finalsOf(call, events).map(async ({ envelope }) => {
      const { utterance } = envelope.data as { readonly utterance: number };
      const chunk = chunks[(ends.find((end) => end.utterance === utterance)?.at ?? 0) - 1];
      const stored = chunk && (await jsm.streams.getMessage(AUDIO, { seq: chunk.position }));
      return stored ? Date.parse(envelope.time) - stored.time.getTime() : NaN;
    }),
  );
}
