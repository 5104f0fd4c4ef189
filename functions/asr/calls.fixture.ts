import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { speechNotTranscribed, speechStarted, speechTranscribed } from '../../events/call.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Log } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { readSession } from '../../shared/log/read.ts';
import { audioLog, type AudioLog } from '../../shared/speech/audio-log.ts';
import { newCall } from '../../shared/speech/audio-log.contract.ts';
import type { CallRef, Chunk } from '../../shared/speech/chunk.ts';
import { provisionSpeech } from '../../shared/speech/provision.ts';
import { startBroker, type TestBrokerOptions, type TestServer } from '../../shared/testing/broker.ts';
import { incoming, opening } from '../../shared/testing/rig.ts';

/** A real log, and the sound of calls beside it. */
export interface CallLog {
  readonly broker: TestServer;
  readonly nc: NatsConnection;
  readonly log: Log;
  readonly audio: AudioLog;
}

/** Starts a server that has all that listening needs, for whoever may do anything there: `as`, where it has users. */
export async function startCallLog(
  options: TestBrokerOptions = {},
  as: Parameters<TestServer['nc']>[0] = {},
): Promise<CallLog> {
  const broker = await startBroker(options);
  const nc = await broker.nc(as);
  await provision(nc, { replicas: 1, durables: [] });
  await provisionSpeech(nc);
  return { broker, nc, log: jetstreamLog(nc), audio: audioLog(nc) };
}

/** A call in a session that is open. */
export async function openCall(log: Log): Promise<CallRef> {
  const ref = newCall();
  const { tenant, session } = ref;
  await log.append(incoming({ tenant, session }, opening()), 0);
  return ref;
}

/** When a chunk of a call was stored, by its number. */
export type StoredAt = Map<number, number>;

/** Writes the chunks of a call as a gateway does: each when its sound is over, or as fast as they are taken. */
export async function play(
  audio: AudioLog,
  ref: CallRef,
  chunks: readonly Chunk[],
  pace: 'real-time' | 'at-once' = 'at-once',
): Promise<StoredAt> {
  const storedAt: StoredAt = new Map();
  const began = performance.now();
  let previous = 0;
  for (const [i, chunk] of chunks.entries()) {
    const endMs = chunks[i + 1]?.fromMs ?? chunk.fromMs;
    if (pace === 'real-time') await delay(Math.max(0, began + endMs - performance.now()));
    const kept = await audio.append(ref, chunk, previous);
    if (kept.kind !== 'kept') throw new Error('somebody else writes to the call');
    previous = kept.position;
    storedAt.set(chunk.number, Date.now());
  }
  return storedAt;
}

/** What the log tells of a call: a line for each event. */
export async function toldOf(log: Log, ref: CallRef): Promise<readonly string[]> {
  const events = await readSession(log, ref);
  return events.flatMap(({ envelope: { type, data } }) => {
    const { utterance, text, end, reason } = data as Record<string, string | number | undefined>;
    switch (type) {
      case speechStarted.type:
        return [`${utterance ?? ''} started`];
      case speechTranscribed.type:
        return [`${utterance ?? ''} ${end ?? ''}: ${text ?? ''}`];
      case speechNotTranscribed.type:
        return [`${utterance ?? ''} ${reason ?? ''}`];
      case utteranceReceived.type:
        return [`said: ${text ?? ''}`];
      default:
        return [];
    }
  });
}
