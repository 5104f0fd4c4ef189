import { hash } from 'node:crypto';
import type { Engine, EngineCapabilities, Recognition } from './engine.ts';
import type { AudioLog } from './audio-log.ts';
import { PATIENCE, type CallRef, type Chunk, type StoredChunk } from './chunk.ts';
import { toLinear } from './codecs.ts';
import { fromLinear } from './codecs.ts';
import { joined } from './intake.ts';
import { initialVad, type Vad } from './vad.ts';

const BLOCK_MS = 100;
const LOUD = 500;

/**
 * An engine whose words are hashes of each tenth of a second that is not silent: a sample that is lost, doubled or moved
 * gives other words. For tests of what carries an utterance from process to process.
 */
export function hashingEngine(over: Partial<EngineCapabilities> & { readonly slowMs?: number } = {}): Engine {
  const { slowMs, ...rest } = over;
  const capabilities: EngineCapabilities = {
    model: 'hashing@1',
    languages: [],
    rate: 8_000,
    streaming: true,
    state: 'travels',
    words: false,
    ...rest,
  };
  const block = (capabilities.rate / 1_000) * BLOCK_MS;
  const begin = (saved?: Uint8Array): Recognition => {
    let words: readonly string[] = [];
    let pending: Int16Array = new Int16Array(0);
    if (saved) {
      const said = JSON.parse(Buffer.from(saved).toString()) as { words: string[]; pending: number[] };
      words = said.words;
      pending = Int16Array.from(said.pending);
    }
    return {
      async hear(sound) {
        if (slowMs) await new Promise((resolve) => setTimeout(resolve, slowMs));
        pending = joined(pending, sound);
        while (pending.length >= block) {
          const piece = pending.slice(0, block);
          pending = pending.slice(block);
          if (piece.some((sample) => Math.abs(sample) > LOUD)) {
            words = [...words, hash('sha256', Buffer.from(piece.buffer)).slice(0, 4)];
          }
        }
        return capabilities.streaming ? words.join(' ') : '';
      },
      finish: () => Promise.resolve({ text: words.join(' '), confidence: 1 }),
      save: () =>
        capabilities.state === 'travels'
          ? Buffer.from(JSON.stringify({ words, pending: Array.from(pending) }))
          : undefined,
      close: () => undefined,
    };
  };
  return { capabilities, begin: ({ saved }) => Promise.resolve(begin(saved)), close: () => Promise.resolve() };
}

/** Takes whatever is loud for speech. */
export const loudnessVad: Vad = {
  step: (_, window, rate) =>
    Promise.resolve({
      probability: window.some((sample) => Math.abs(sample) > LOUD) ? 1 : 0,
      state: initialVad(rate),
    }),
  close: () => Promise.resolve(),
};

/** A tone that is no two times the same, at 8 kHz. */
export const tone = (ms: number, seed = 1): Int16Array =>
  Int16Array.from({ length: ms * 8 }, (_, i) =>
    Math.round(8_000 * Math.sin(i * (0.3 + seed / 50)) + (i % (37 + seed))),
  );

export const silence = (ms: number): Int16Array => new Int16Array(ms * 8);

/** Sounds one after the other, as G.711 leaves them. */
export const sounds = (...parts: readonly Int16Array[]): Int16Array =>
  toLinear(fromLinear(parts.reduce(joined, new Int16Array(0)), 'mulaw'), 'mulaw');

/** A sound in chunks of a call, the last one marked. */
export function chunksOf(sound: Int16Array, ms = 100, over: Partial<Chunk> = {}): readonly Chunk[] {
  const size = ms * 8;
  const count = Math.ceil(sound.length / size);
  return Array.from({ length: count }, (_, i) => ({
    number: i + 1,
    fromMs: i * ms,
    format: { codec: 'mulaw', rate: 8_000 },
    sound: fromLinear(sound.slice(i * size, (i + 1) * size), 'mulaw'),
    patience: PATIENCE,
    locale: 'en',
    playing: false,
    last: i === count - 1,
    ...over,
  }));
}

/** Writes the chunks of a call, and gives them as they stand. */
export async function written(
  audio: AudioLog,
  ref: CallRef,
  chunks: readonly Chunk[],
): Promise<readonly StoredChunk[]> {
  const stored: StoredChunk[] = [];
  for (const chunk of chunks) {
    const previous = stored.at(-1)?.position ?? 0;
    const kept = await audio.append(ref, chunk, previous);
    if (kept.kind !== 'kept') throw new Error('somebody else writes to the call');
    stored.push({ ...chunk, position: kept.position, previous });
  }
  return stored;
}
