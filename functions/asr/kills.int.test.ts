import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { speechNotTranscribed, speechTranscribed } from '../../events/call.ts';
import type { Log } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import type { AudioLog } from '../../shared/speech/audio-log.ts';
import type { CallRef, Chunk } from '../../shared/speech/chunk.ts';
import type { Engine } from '../../shared/speech/engine.ts';
import { joined } from '../../shared/speech/intake.ts';
import { chunksOf, silence } from '../../shared/speech/listening.fixture.ts';
import { digits, hasRecordings } from '../../shared/speech/recordings.fixture.ts';
import { openSmallEngine } from '../../shared/speech/small/engine.ts';
import { openVad, type Vad } from '../../shared/speech/vad.ts';
import type { TestServer } from '../../shared/testing/broker.ts';
import { supervise, type Supervised } from '../faults/supervised.ts';
import { openCall, play, startCallLog, toldOf, type StoredAt } from './calls.fixture.ts';
import { linesOf, undisturbed } from './reference.fixture.ts';

const PROCESSES = 3;
/** As many as a machine with two busy cores listens to while processes start. */
const CALLS = 8;
const KILL_EVERY_MS = 200;
const SPEAKERS = ['theo', 'george', 'jackson', 'lucas', 'nicolas', 'yweweler'];

/** One after the other, so that there is always somebody to listen. */
async function killNext(processes: readonly Supervised[], serial: number): Promise<void> {
  const victim = processes[serial % processes.length];
  const deaths = victim?.deaths() ?? 0;
  victim?.kill();
  while (victim?.deaths() === deaths) await delay(5);
  await victim?.ready();
}
const MODEL = fileURLToPath(new URL('../../models/speech-en-small', import.meta.url));

/** Two utterances of some digits, and the caller hangs up in the middle of a third. */
async function sayings(i: number): Promise<readonly Chunk[]> {
  const speaker = SPEAKERS[i % SPEAKERS.length] ?? '';
  const say = async (count: number, take: number) =>
    (
      await digits(
        speaker,
        Array.from({ length: count }, (_, k) => (i * 7 + k * 3 + take) % 10),
        take,
      )
    ).sound;
  const parts = [
    silence(200 + i * 37),
    await say(3, 0),
    silence(1_000),
    await say(4, 1),
    silence(1_200),
    await say(1, 2),
  ];
  return chunksOf(parts.reduce(joined), 60 + (i % 5) * 20);
}

describe.skipIf(!hasRecordings())('processes that listen and are killed', () => {
  let broker: TestServer;
  let log: Log;
  let audio: AudioLog;
  let vad: Vad;
  let engine: Engine;
  let processes: readonly Supervised[] = [];
  beforeAll(async () => {
    ({ broker, log, audio } = await startCallLog());
    vad = await openVad();
    engine = await openSmallEngine(MODEL);
    const env = { TURNSTREAM_NATS_URL: broker.url, TURNSTREAM_OPS_PORT: '0', TURNSTREAM_ASR_ENGINES: `small=${MODEL}` };
    processes = Array.from({ length: PROCESSES }, () => supervise('../asr/main.ts', [], env));
    await Promise.all(processes.map((each) => each.ready()));
  });
  afterAll(async () => {
    await Promise.all(processes.map((each) => each.stop()));
    await engine.close();
    await broker.stop();
  });

  it('leave each utterance with the transcript that it has without them, once and in order', async () => {
    const calls = await Promise.all(Array.from({ length: CALLS }, (_, i) => sayings(i)));
    const wanted = await Promise.all(calls.map((chunks) => undisturbed(chunks, vad, engine)));
    expect(wanted.flat().filter(({ kind }) => kind === 'transcribed').length).toBeGreaterThan(CALLS * 2);

    const quiet = await run(calls, wanted, () => Promise.resolve());
    let serial = 0;
    const killed = await run(calls, wanted, () => killNext(processes, serial++));
    expect(processes.reduce((sum, each) => sum + each.deaths(), 0)).toBeGreaterThanOrEqual(2);
    process.stdout.write(`final after the chunk that ended it, ms: undisturbed ${quiet}, killed ${killed}\n`);
  }, 180_000);

  /** Plays all calls at once, in real time, and compares what the log tells. How late the finals were. */
  async function run(
    calls: readonly (readonly Chunk[])[],
    wanted: readonly Awaited<ReturnType<typeof undisturbed>>[],
    disturb: () => Promise<void>,
  ): Promise<string> {
    const refs = await Promise.all(calls.map(() => openCall(log)));
    const playing = new AbortController();
    const disturbing = (async () => {
      while (!playing.signal.aborted) {
        await delay(KILL_EVERY_MS);
        await disturb();
      }
    })();
    const stored = await Promise.all(refs.map((ref, i) => play(audio, ref, calls[i] ?? [], 'real-time')));
    playing.abort();
    await disturbing;
    for (const [i, ref] of refs.entries()) {
      const lines = linesOf(wanted[i] ?? []);
      await expect.poll(() => toldOf(log, ref), { timeout: 20_000 }).toHaveLength(lines.length);
      expect(await toldOf(log, ref)).toEqual(lines);
    }
    const late = (
      await Promise.all(refs.map((ref, i) => lateness(ref, wanted[i] ?? [], stored[i] ?? new Map<number, number>())))
    ).flat();
    late.sort((a, b) => a - b);
    const at = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? 0;
    return `p50 ${at(0.5)} p95 ${at(0.95)} max ${at(1)}`;
  }

  /** From when the chunk stood in the stream that ended an utterance until the log told of it. */
  async function lateness(
    ref: CallRef,
    wanted: Awaited<ReturnType<typeof undisturbed>>,
    storedAt: StoredAt,
  ): Promise<readonly number[]> {
    const types = new Set<string>([speechTranscribed.type, speechNotTranscribed.type]);
    const finals = (await readSession(log, ref)).filter(({ envelope }) => types.has(envelope.type));
    const ends = wanted.filter(({ kind }) => kind === 'transcribed' || kind === 'not-transcribed');
    return finals.map(({ envelope }, i) => Date.parse(envelope.time) - (storedAt.get(ends[i]?.at ?? 0) ?? 0));
  }
});
