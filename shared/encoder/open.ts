import { resolve } from 'node:path';
import { PlatformError } from '../errors/index.ts';
import { checkModel, type CheckOptions } from './check.ts';
import type { Capabilities, Encoder, EncoderKind } from './encoder.ts';
import { entryOf } from './entry.ts';
import { startPool, type Pool } from './pool.ts';
import { startThread } from './thread.ts';
import type { Start } from './worker.ts';

export interface OpenOptions extends CheckOptions {
  /** Threads that share the work; each holds the weights once. */
  readonly threads?: number;
  /** Threads of the runtime within each of them. */
  readonly runtimeThreads?: number;
  /** Calls that may wait, besides those that run. */
  readonly queue?: number;
  /** From a call, or from each 64 texts of a longer one, to its answer, milliseconds. */
  readonly deadlineMs?: number;
}

const DEFAULTS = { threads: 1, runtimeThreads: 1, queue: 64, deadlineMs: 5_000 } as const;
/** Texts of one task. What waits behind a long list waits for this many texts and no more. */
const TEXTS_PER_TASK = 64;

/**
 * Opens a model from a folder in the Hugging Face layout: checked in a process of its own first, then run in threads.
 * Nothing is ever fetched. Fails with `model.invalid`, naming the file that is to blame and why.
 *
 * @example
 * const encoder = await openEncoder('models/bge-small-zh-v1.5');
 * const [vector] = await encoder.embed(['我的快递到哪了？'], { as: 'query' });
 */
export async function openEncoder(dir: string, options: OpenOptions = {}): Promise<Encoder> {
  const { threads, runtimeThreads, queue, deadlineMs } = { ...DEFAULTS, ...options };
  const capabilities = await checkModel(dir, options);
  const data: Start = { dir: resolve(dir), threads: runtimeThreads, model: capabilities.model };
  const pool = startPool({ start: () => startThread(entryOf('worker'), data), threads, queue, deadlineMs });
  try {
    await pool.ready;
  } catch (error) {
    await pool.close();
    throw error;
  }
  return encoderOn(pool, capabilities, threads);
}

function encoderOn(pool: Pool, capabilities: Capabilities, threads: number): Encoder {
  const { dimension, kind, labels } = capabilities;
  const calls = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;
  /** A call is one thing, however many portions it takes: closing waits for all of it. */
  const as = async <T>(wanted: EncoderKind, work: () => Promise<T>): Promise<T> => {
    if (kind !== wanted) {
      throw new PlatformError('encoder.unsupported', `the model is for another use (${kind})`, { retry: 'never' });
    }
    if (closed) throw new PlatformError('encoder.closed', 'the model is being put away', { retry: 'never' });
    const call = work();
    calls.add(call);
    return call.finally(() => calls.delete(call));
  };
  const close = async () => {
    await Promise.allSettled(calls);
    await pool.close();
  };
  /** Numbers for all texts, in portions, as many at a time as there are threads. */
  const rowsOf = async (
    texts: readonly string[],
    run: (some: readonly string[]) => Promise<Float32Array>,
  ): Promise<readonly Float32Array[]> => {
    const portions = chunks(texts, TEXTS_PER_TASK);
    const answers: Float32Array[] = [];
    for (const together of chunks(portions, threads)) answers.push(...(await Promise.all(together.map(run))));
    return answers.flatMap((rows) => rowsIn(rows, dimension));
  };

  return {
    capabilities,
    embed: (texts, { signal, as: purpose = 'passage' } = {}) =>
      as('embedding', () => rowsOf(texts, (some) => pool.run({ kind: 'embed', texts: some, as: purpose }, signal))),
    classify: (text, { signal } = {}) =>
      as('classifier', async () => {
        const [row] = rowsIn(await pool.run({ kind: 'classify', text }, signal), dimension);
        return labels
          .map((label, i) => ({ label, probability: row?.[i] ?? 0 }))
          .sort((a, b) => b.probability - a.probability);
      }),
    rerank: (query, passages, { signal } = {}) =>
      as('reranker', async () => {
        const rows = await rowsOf(passages, (some) => pool.run({ kind: 'rerank', query, passages: some }, signal));
        return rows.map(([score = 0], index) => ({ index, score })).sort((a, b) => b.score - a.score);
      }),
    close: () => (closed ??= close()),
  };
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

function rowsIn(rows: Float32Array, dimension: number): readonly Float32Array[] {
  return Array.from({ length: rows.length / dimension }, (_, i) => rows.slice(i * dimension, (i + 1) * dimension));
}
