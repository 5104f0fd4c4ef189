import { jetstreamManager } from '@nats-io/jetstream';
import { openCall } from '../../functions/asr/calls.fixture.ts';
import { speechStarted, speechTranscribed } from '../../events/call.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { readSession } from '../../shared/log/read.ts';
import { AUDIO, HEARING } from '../../shared/log/streams.ts';
import type { CallRef, Chunk } from '../../shared/speech/chunk.ts';
import { CHUNK_MS, conversation } from '../../shared/speech/conversation.fixture.ts';
import { chunksOf, silence } from '../../shared/speech/listening.fixture.ts';
import { LISTENERS } from '../../shared/speech/provision.ts';
import { setTimeout as delay } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import { below, type BenchContext } from '../lib/bench.ts';
import { layGround } from './ground.ts';
import type { Part } from './part.ts';

export interface EndlessOptions {
  readonly model: string;
  /** Lengths of the calls, in minutes of their sound. */
  readonly talk: number;
  readonly noise: number;
  readonly silence: number;
}

/** How far the writer may be ahead of who listens, in chunks: sound passes as fast as it is heard. */
const AHEAD = 400;
const MINUTE_MS = 60_000;
const MIB = 2 ** 20;
/** What a session begins with. */
const OPENING = 1;

/**
 * Calls that last for hours, through a real log, as fast as they are listened to: nothing in listening looks at a clock,
 * it counts sound. What does go by the clock is the retention of the stream, so here its other bound is met: chunks of
 * a call.
 */
export async function endless(options: EndlessOptions, context: BenchContext): Promise<Part> {
  const { nc, log, audio, listen } = await layGround(options.model, context);
  const jsm = await jetstreamManager(nc);
  const asr = await listen('asr');

  const waiting = async () => {
    const { num_pending, num_ack_pending } = await jsm.consumers.info(AUDIO, LISTENERS);
    return num_pending + num_ack_pending;
  };
  const heardOut = async (most: number) => {
    while ((await waiting()) > most) await delay(5);
  };
  /** One call of so many minutes; what it took, at intervals. */
  const call = async (minutes: number, minute: (n: number) => readonly Chunk[]) => {
    const ref = await openCall(log);
    const memory: number[] = [];
    let [number, previous, mostBytes] = [0, 0, 0];
    for (let n = 0; n < minutes; n++) {
      const chunks = minute(n);
      for (const [i, chunk] of chunks.entries()) {
        number++;
        const last = n === minutes - 1 && i === chunks.length - 1;
        const kept = await audio.append(ref, { ...chunk, number, fromMs: (number - 1) * CHUNK_MS, last }, previous);
        if (kept.kind === 'kept') previous = kept.position;
        if (number % AHEAD === 0) await heardOut(AHEAD);
      }
      const { state } = await jsm.streams.info(AUDIO);
      mostBytes = Math.max(mostBytes, state.bytes);
      memory.push(await residentOf(asr.pid));
    }
    await heardOut(0);
    return { ref, memory, mostBytes, number };
  };
  const count = async (ref: CallRef, type: string) =>
    (await readSession(log, ref)).filter(({ envelope }) => envelope.type === type).length;

  context.say(`calls of ${options.talk} minutes of talk, ${options.noise} of noise and ${options.silence} of silence`);
  const parts = await Promise.all([0, 1, 2].map((i) => conversation(i, MINUTE_MS)));
  const quiet = chunksOf(silence(MINUTE_MS), CHUNK_MS);
  const noises = [0, 1, 2, 3, 4].map((i) => chunksOf(noise(i), CHUNK_MS));
  const began = performance.now();
  const [talk, loud, silent] = await Promise.all([
    call(options.talk, (n) => parts[n % parts.length]?.chunks ?? []),
    call(options.noise, (n) => noises[n % noises.length] ?? []),
    call(options.silence, () => quiet),
  ]);
  const factor = ((options.talk + options.noise + options.silence) * MINUTE_MS) / (performance.now() - began);
  const { state: states } = await jsm.streams.info(HEARING);
  const { state: atEnd } = await jsm.streams.info(AUDIO, { subjects_filter: '>' });
  const perCall = Math.max(...Object.values(atEnd.subjects ?? {}));
  const told = await readSession(log, talk.ref);
  const transcribed = told.filter(({ envelope }) => envelope.type === speechTranscribed.type);
  const long = `${options.talk} minutes of one call`;
  const noisy = `${options.noise} minutes of noise`;
  const events = (await readSession(log, silent.ref)).length - OPENING;

  return {
    figures: [
      { name: `${long}: memory that its process grows by`, value: growth(talk.memory), unit: 'MiB', goal: below(20) },
      { name: `${long}: memory of its process at the end`, value: talk.memory.at(-1) ?? NaN, unit: 'MiB' },
      {
        name: `${long}: most that the stream of sound held`,
        value: talk.mostBytes / MIB,
        unit: 'MiB',
        goal: below(50),
      },
      { name: `${long}: chunks`, value: talk.number, unit: '' },
      { name: `${long}: most chunks that the stream kept of a call`, value: perCall, unit: '', goal: below(10_001) },
      { name: `${long}: bytes of the states of hearing`, value: states.bytes, unit: 'bytes' },
      { name: `${long}: events in the log`, value: told.length, unit: '' },
      { name: `${long}: utterances transcribed`, value: transcribed.length, unit: '' },
      { name: `${noisy}: false starts of speech`, value: await count(loud.ref, speechStarted.type), unit: '' },
      {
        name: `${noisy}: messages made of it`,
        value: await count(loud.ref, utteranceReceived.type),
        unit: '',
        goal: below(1),
      },
      { name: `${options.silence} minutes of silence: events in the log`, value: events, unit: '', goal: below(1) },
      { name: 'long calls: faster than they were spoken', value: factor, unit: 'times' },
    ],
    notes: [
      'Long calls: at once, to one process that listens, as fast as it does. Memory is what the process holds ' +
        '(resident): the mean of the last quarter less that of the second. The stream is bounded by chunks of a call ' +
        'here: ten minutes of the clock, its other bound, do not pass.',
    ],
  };
}

/** White noise at 8 kHz, each time the same, in one of five loudnesses up to that of speech. */
function noise(loudness: number): Int16Array {
  let state = 7;
  return Int16Array.from({ length: MINUTE_MS * 8 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round((state / 2 ** 32 - 0.5) * 600 * 2 ** loudness);
  });
}

/** Mebibytes that a process holds. */
async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1] ?? NaN) / 1_024;
}

/** The mean of the last quarter less that of the second: the first one warms everything up. */
function growth(values: readonly number[]): number {
  const quarter = Math.max(1, Math.floor(values.length / 4));
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / Math.max(1, of.length);
  return Math.max(0, mean(values.slice(-quarter)) - mean(values.slice(quarter, 2 * quarter)));
}
