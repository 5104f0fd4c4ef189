import { Worker } from 'node:worker_threads';
import { PlatformError } from '../../errors/index.ts';

export interface AsideOptions {
  /** The part of the work that is done, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Has a worker train on `data` in a thread of its own, so that this one goes on with its work, and gives the bytes that it
 * posts. Fails with `nlu.training-failed` where the thread dies, `nlu.training-stopped` by the signal (retry later, both).
 */
export function trainInThread(worker: URL, data: unknown, { onProgress, signal }: AsideOptions): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const failed = (cause: unknown) => {
    reject(new PlatformError('nlu.training-failed', 'could not train a model', { retry: 'later', cause }));
  };
  const thread = new Worker(worker, { workerData: data });
  const stop = () => {
    reject(new PlatformError('nlu.training-stopped', 'the training of a model was stopped', { retry: 'later' }));
    void thread.terminate();
  };
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  thread.on('message', (message: { readonly part?: number; readonly bytes?: Uint8Array }) => {
    if (message.part !== undefined) onProgress?.(message.part);
    if (message.bytes) resolve(message.bytes);
  });
  thread.once('error', failed);
  thread.once('exit', failed);
  return promise.finally(() => signal?.removeEventListener('abort', stop));
}
