import { parentPort, workerData } from 'node:worker_threads';
import { PlatformError } from '../errors/index.ts';
import { fingerprint } from './fingerprint.ts';
import { loadModel, type Task } from './inference.ts';
import { modelInvalid } from './invalid.ts';
import { readLayout } from './layout.ts';

// The thread that a model runs in. Started by thread.ts; one task at a time.

/** What the thread is told when it starts. */
export interface Start {
  readonly dir: string;
  readonly threads: number;
  /** Hash of the files that were checked: others must not slip in when a thread is started again. */
  readonly model: string;
}

/** What the thread says: that it is ready, or how a task went. */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly rows: Float32Array }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

const answer = (message: Answer, transfer: readonly ArrayBuffer[] = []) => parentPort?.postMessage(message, transfer);

function failure(error: unknown): Answer {
  if (error instanceof PlatformError) return { kind: 'failed', code: error.code, message: error.message };
  // A foreign error may quote the text.
  return { kind: 'failed', code: 'encoder.failed', message: 'the model could not answer' };
}

async function open({ dir, threads, model }: Start) {
  const layout = readLayout(dir);
  if ((await fingerprint(dir, layout.files)) !== model) throw modelInvalid(layout.weights, 'is not what was checked');
  return loadModel(layout, threads);
}

try {
  const loaded = await open(workerData as Start);
  parentPort?.on('message', (task: Task) => {
    loaded.run(task).then(
      (rows) => answer({ kind: 'done', rows }, [rows.buffer as ArrayBuffer]),
      (error: unknown) => answer(failure(error)),
    );
  });
  answer({ kind: 'ready' });
} catch (error) {
  answer(failure(error));
}
