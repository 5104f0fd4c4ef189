import { Worker } from 'node:worker_threads';
import { PlatformError } from '../../errors/index.ts';
import type { Job, JobResult } from './job.ts';
import { netModel, type NetModel } from './model.ts';
import { recipeFor, type Effort } from './recipe.ts';
import type { Encoder } from './shape.ts';
import { shippedStarts } from './shipped.ts';

/** Beside this file; in a bundle, beside the bundle under a name of its own. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './net-worker.js', import.meta.url);

/** What an example teaches. */
export interface NetExample {
  readonly text: string;
  readonly intent: string;
}

export interface FineTuneOptions {
  /** The same seed, examples and start give the same net. */
  readonly seed: number;
  /** `thorough` takes about three times as long. */
  readonly effort?: Effort;
  /** What the net starts from, or several nets that answer as one; the shipped starts unless given. */
  readonly start?: Encoder | readonly Encoder[];
  /** The part of the training that is done, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Trains a bot's net in a thread of its own, so that this one goes on with its work. Needs two intents or more and an
 * example; `nlu.training-failed` where the thread dies, `nlu.training-stopped` by the signal.
 */
export async function fineTune(examples: readonly NetExample[], options: FineTuneOptions): Promise<NetModel> {
  const { weights } = await inWorker(jobOf(examples, intentsOf(examples), [], options), options);
  return netModel(weights);
}

/**
 * What nets say that were trained without a fold of the examples about just that fold, for the first `folds` folds: a
 * row of probabilities for each, in the order of the examples' intents as they first occur. `fold` is the fold of each
 * example.
 */
export async function rehearseNet(
  examples: readonly NetExample[],
  fold: Int32Array,
  folds: number,
  options: FineTuneOptions,
): Promise<{ readonly examples: Int32Array; readonly shares: Float32Array }> {
  const intents = intentsOf(examples);
  const judged = Array.from({ length: folds }, (_, f) => examples.flatMap((_example, i) => (fold[i] === f ? [i] : [])));
  const parts: Float32Array[] = [];
  for (const [f, held] of judged.entries()) {
    const rest = examples.filter((_, i) => fold[i] !== f);
    const texts = held.map((i) => (examples[i] as NetExample).text);
    const onProgress = (part: number) => options.onProgress?.((f + part) / folds);
    const { shares } = await inWorker(jobOf(rest, intents, texts, options), { ...options, onProgress });
    parts.push(shares);
  }
  const shares = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (shares.set(part, at), at + part.length), 0);
  return { examples: Int32Array.from(judged.flat()), shares };
}

/**
 * What a net that was trained on the examples says about other texts: a row of probabilities for each, in the order of
 * the examples' intents as they first occur. A net that would be asked once need not be kept.
 */
export async function teachAndAsk(
  examples: readonly NetExample[],
  texts: readonly string[],
  options: FineTuneOptions,
): Promise<Float32Array> {
  return (await inWorker(jobOf(examples, intentsOf(examples), texts, options), options)).shares;
}

/** The intents of examples, as they first occur: the order of every model's probabilities. */
export const intentsOf = (examples: readonly NetExample[]): readonly string[] => [
  ...new Set(examples.map(({ intent }) => intent)),
];

function jobOf(
  examples: readonly NetExample[],
  intents: readonly string[],
  judged: readonly string[],
  { seed, start, effort = 'default' }: FineTuneOptions,
): Job {
  if (intents.length < 2) {
    throw new PlatformError('nlu.too-few-intents', 'a net needs two intents or more', { retry: 'never' });
  }
  const places = new Map(intents.map((intent, i) => [intent, i]));
  return {
    starts: start ? [start].flat() : shippedStarts(),
    intents,
    texts: examples.map(({ text }) => text),
    labels: Int32Array.from(examples, ({ intent }) => places.get(intent) ?? 0),
    recipe: recipeFor(examples.length, intents.length, effort, seed),
    judged,
  };
}

function inWorker(job: Job, { onProgress, signal }: FineTuneOptions): Promise<JobResult> {
  const { promise, resolve, reject } = Promise.withResolvers<JobResult>();
  const failed = (cause: unknown) => {
    reject(new PlatformError('nlu.training-failed', 'could not train a net', { retry: 'later', cause }));
  };
  const worker = new Worker(WORKER, { workerData: job });
  const stop = () => {
    reject(new PlatformError('nlu.training-stopped', 'the training of a net was stopped', { retry: 'later' }));
    void worker.terminate();
  };
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  worker.on('message', (message: { readonly done?: number; readonly result?: JobResult }) => {
    if (message.done !== undefined) onProgress?.(message.done / (job.recipe.epochs * job.starts.length));
    if (message.result) resolve(message.result);
  });
  worker.once('error', failed);
  worker.once('exit', failed);
  return promise.finally(() => signal?.removeEventListener('abort', stop));
}
