import { Worker } from 'node:worker_threads';
import { PlatformError } from '../../errors/index.ts';
import type { IntentExample } from './intent-model.ts';

/** Beside this file; in a bundle, beside the bundle under a name of its own. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './train-worker.ts' : './intent-trainer.js', import.meta.url);

export interface TrainAsideOptions {
  readonly seed: number;
  /** The part of the work that is done, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * `trainIntentModel` in a thread of its own, so that this one goes on with its work; the same examples and seed give the
 * same bytes. Fails with `nlu.training-failed` where the thread dies, `nlu.training-stopped` by the signal.
 */
export function trainAside(examples: readonly IntentExample[], options: TrainAsideOptions): Promise<Uint8Array> {
  const { seed, onProgress, signal } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const failed = (cause: unknown) => {
    reject(new PlatformError('nlu.training-failed', 'could not train a model', { retry: 'later', cause }));
  };
  const worker = new Worker(WORKER, { workerData: { examples, seed } });
  const stop = () => {
    reject(new PlatformError('nlu.training-stopped', 'the training of a model was stopped', { retry: 'later' }));
    void worker.terminate();
  };
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  worker.on('message', (message: { readonly part?: number; readonly bytes?: Uint8Array }) => {
    if (message.part !== undefined) onProgress?.(message.part);
    if (message.bytes) resolve(message.bytes);
  });
  worker.once('error', failed);
  worker.once('exit', failed);
  return promise.finally(() => signal?.removeEventListener('abort', stop));
}
