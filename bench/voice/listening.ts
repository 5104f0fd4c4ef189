import { setImmediate as immediately } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { breakers } from '../../shared/egress/breaker.ts';
import { memoryAudioLog } from '../../shared/speech/audio-memory.ts';
import type { CallRef, StoredChunk } from '../../shared/speech/chunk.ts';
import type { Engine } from '../../shared/speech/engine.ts';
import { enginesOf } from '../../shared/speech/engines.ts';
import { readHearing, writeHearing, type HearingState } from '../../shared/speech/hearing.ts';
import { listening, type Listening } from '../../shared/speech/listening.ts';
import { initialVad, windowOf, type Vad } from '../../shared/speech/vad.ts';
import { toLinear } from '../../shared/speech/codecs.ts';
import { atLeast, below, type Figure } from '../lib/bench.ts';
import { ownCpuOf } from '../lib/cpu.ts';
import { latencies } from '../lib/latencies.ts';
import { conversation } from '../../shared/speech/conversation.fixture.ts';

const WRITE_EVERY = 5;
const AT_HAND = 200;
const COLLECTIONS = 5;
const LONG_UTTERANCE_MS = 8_000;

/** What the two models are, opened once. */
export interface Models {
  readonly vad: Vad;
  readonly engine: Engine;
}

/** Bytes that are needed: what nobody needs any more is not counted. */
async function memoryInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Buffers are given back after a collection, not in it.
  for (let i = 0; i < COLLECTIONS; i++) {
    collect();
    await immediately();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const REF = { tenant: 'bench', session: '0'.repeat(32), call: '0'.repeat(26) } as unknown as CallRef;

/** What listening costs by itself: no log, one thread, and the time of the processor, not of the clock. */
export async function listeningFigures(models: Models, seconds: number): Promise<readonly Figure[]> {
  const chunks = await soundOf(1, seconds * 1_000);
  await fold(fresh(models, chunks), chunks.slice(0, 100));
  const whole = await ownCpuOf(() => fold(fresh(models, chunks), chunks));
  const vad = await ownCpuOf(() => detect(models.vad, chunks));
  const share = (micros: number) => micros / 1e6 / seconds;
  return [
    { name: 'calls that a core listens to in real time', value: 1 / share(whole.micros), unit: '', goal: atLeast(60) },
    { name: 'calls that a core detects speech in', value: 1 / share(vad.micros), unit: '' },
    { name: 'CPU a minute of call, listening alone', value: (whole.micros / 1e3 / seconds) * 60, unit: 'ms' },
    { name: 'real-time factor', value: share(whole.micros), unit: '' },
    ...(await stateFigures(models)),
    ...(await moveFigures(models)),
  ];
}

async function stateFigures(models: Models): Promise<readonly Figure[]> {
  const chunks = await soundOf(2, 10_000);
  const midway = await midUtterance(models, chunks);
  const all: Listening[] = [];
  for (let i = 0; i < AT_HAND; i++) {
    const it = fresh(models, chunks);
    await fold(it, chunks.slice(0, midway.at));
    all.push(it);
  }
  const held = await memoryInUse();
  // What is given back when they are let go; before they came, other things may still have waited for that.
  all.length = 0;
  const bytes = held - (await memoryInUse());
  return [
    { name: 'state in the middle of an utterance', value: midway.bytes.length, unit: 'bytes' },
    { name: 'memory of a call at hand', value: bytes / AT_HAND / 1_024, unit: 'KiB' },
  ];
}

/** What it costs to go on in another process, beside reading the state. */
async function moveFigures(models: Models): Promise<readonly Figure[]> {
  const chunks = await soundOf(2, 10_000);
  const { bytes, at } = await midUtterance(models, chunks);
  const next = chunks.slice(at, at + 1);
  const timed = async (change: (state: HearingState) => HearingState) => {
    const ms = latencies();
    for (let i = 0; i < 50; i++) {
      const began = performance.now();
      await fold(fresh(models, chunks, change(readHearing(bytes).state)), next);
      ms.add(performance.now() - began);
    }
    return ms.percentile(50);
  };
  const replayed = (state: HearingState): HearingState =>
    state.open
      ? { ...state, open: { ...state.open, saved: undefined, first: new Int16Array(LONG_UTTERANCE_MS * 8) } }
      : state;
  return [
    { name: 'going on from a state that travelled, and a chunk', value: await timed((s) => s), unit: 'ms' },
    {
      name: 'going on by hearing 8 s of an utterance again',
      value: await timed(replayed),
      unit: 'ms',
      goal: below(300),
    },
  ];
}

async function midUtterance(models: Models, chunks: readonly StoredChunk[]) {
  const it = fresh(models, chunks);
  for (const [i, chunk] of chunks.entries()) {
    await fold(it, [chunk]);
    const state = it.state();
    if (state?.open && state.open.text !== '') return { bytes: writeHearing({ state, by: 'bench' }), at: i + 1 };
  }
  throw new Error('nobody speaks');
}

/** One for the process, as where it runs. */
const guard = breakers();

function fresh({ vad, engine }: Models, chunks: readonly StoredChunk[], from?: HearingState): Listening {
  const audio = chunks.length > 0 ? { between: memoryBetween(chunks) } : memoryAudioLog();
  return listening(REF, { vad, engines: enginesOf(() => [engine], guard), audio }, from);
}

const memoryBetween = (chunks: readonly StoredChunk[]) => (_: CallRef, after: number, through: number) =>
  Promise.resolve(chunks.filter(({ position }) => position > after && position <= through));

/** Takes everything that happens. */
async function drained(effects: AsyncGenerator<unknown, void>): Promise<void> {
  while (!(await effects.next()).done);
}

async function fold(it: Listening, chunks: readonly StoredChunk[]): Promise<void> {
  for (const [i, chunk] of chunks.entries()) {
    await drained(it.hear(chunk));
    const state = i % WRITE_EVERY === 0 && it.state();
    if (state) writeHearing({ state, by: 'bench' });
  }
}

async function detect(vad: Vad, chunks: readonly StoredChunk[]): Promise<void> {
  const window = windowOf(8_000);
  let state = initialVad(8_000);
  for (const { sound } of chunks) {
    const samples = toLinear(sound, 'mulaw');
    for (let at = 0; at + window <= samples.length; at += window) {
      ({ state } = await vad.step(state, samples.slice(at, at + window), 8_000));
    }
  }
}

async function soundOf(serial: number, ms: number): Promise<readonly StoredChunk[]> {
  const { chunks } = await conversation(serial, ms);
  return chunks.map((chunk) => ({ ...chunk, position: chunk.number, previous: chunk.number - 1 }));
}
