import { Worker } from 'node:worker_threads';
import { PlatformError } from '../errors/index.ts';
import type { Task } from './inference.ts';
import { keepSilent } from './silent.ts';
import type { Answer } from './worker.ts';

/** A thread that runs one task at a time. */
export interface Thread {
  /** Fulfilled when it can be given a task; rejected with why it never will be. */
  readonly ready: Promise<void>;
  /** Fulfilled when it is gone, however that came. */
  readonly gone: Promise<void>;
  /** Fails with `encoder.crashed` when the thread goes before it has answered. */
  readonly run: (task: Task) => Promise<Float32Array>;
  /** Ends it now. Code in the runtime itself is not interrupted, so being gone may take until that returns. */
  readonly end: () => void;
}

/** JavaScript's part of the memory: the tokeniser's tables and texts. The weights lie outside of it. */
const HEAP_MB = 1_024;

/** Starts a worker thread. It keeps the process alive only while it has something to do. */
export function startThread(entry: URL, workerData: unknown): Thread {
  keepSilent();
  const worker = new Worker(entry, {
    workerData,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  // Nothing is written there; whatever is must not fill the memory.
  worker.stdout.resume();
  worker.stderr.resume();
  let waiting: ((answer: Answer | 'gone') => void) | undefined;
  const next = () =>
    new Promise<Answer | 'gone'>((resolve) => {
      waiting = resolve;
      worker.ref();
    });
  const tell = (answer: Answer | 'gone') => {
    const told = waiting;
    waiting = undefined;
    worker.unref();
    told?.(answer);
  };
  worker.on('message', tell);
  worker.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      tell('gone');
      resolve();
    });
  });

  return {
    ready: next().then((answer) => {
      if (answer === 'gone') throw crashed();
      if (answer.kind === 'failed') throw failed(answer);
    }),
    gone,
    async run(task) {
      const result = next();
      worker.postMessage(task);
      const answer = await result;
      if (answer === 'gone' || answer.kind === 'ready') throw crashed();
      if (answer.kind === 'failed') throw failed(answer);
      return answer.rows;
    },
    end: () => void worker.terminate(),
  };
}

const crashed = () => new PlatformError('encoder.crashed', 'the model’s thread ended', { retry: 'later' });
const failed = ({ code, message }: { readonly code: string; readonly message: string }) =>
  new PlatformError(code, message, { retry: 'never' });
