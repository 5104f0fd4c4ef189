import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SILENT } from '../../encoder/silent.ts';
import { PlatformError } from '../../errors/index.ts';

/** What a process says: to a question, under its number; under 0 that it is ready, or why it never will be. */
export type Told<T = unknown> = { readonly id: number } & (
  { readonly ok: T } | { readonly code: string; readonly message: string }
);

export interface ChildOptions {
  /** How long loading may take, milliseconds. */
  readonly startMs?: number;
  /** A process that owes an answer for so long hangs, and is killed. */
  readonly hangsMs?: number;
}

/** A process that answers questions, and may be gone at any time. */
export interface Child<Ready> {
  readonly ready: Ready;
  /** Fails with what the process says, or as unavailable once it is gone. */
  ask(question: object, signal?: AbortSignal): Promise<unknown>;
  isGone(): boolean;
  /** Fulfilled when it is gone. */
  kill(): Promise<void>;
}

const START_MS = 120_000;
const HANGS_MS = 30_000;
const HEAP_MB = 1_024;

/**
 * Starts a process that can read files and do nothing else, and waits until it is ready. `area` begins the codes of what
 * goes wrong: `asr.unavailable` and `asr.timed-out` (later).
 */
export async function startChild<Ready>(
  module: URL,
  args: readonly string[],
  area: 'asr' | 'tts',
  { startMs = START_MS, hangsMs = HANGS_MS }: ChildOptions = {},
): Promise<Child<Ready>> {
  const child = fork(fileURLToPath(module), args, {
    env: SILENT,
    execArgv: [
      ...['--permission', '--allow-fs-read=*', '--allow-addons', '--no-warnings'],
      `--max-old-space-size=${HEAP_MB}`,
    ],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
  const waiting = new Map<number, { readonly done: (told: Told) => void; readonly fail: (error: Error) => void }>();
  let gone = false;
  let asked = 0;
  const end = () => {
    gone = true;
    for (const { fail } of waiting.values()) fail(goneFrom(area));
    waiting.clear();
  };
  child.on('message', (told: Told) => {
    waiting.get(told.id)?.done(told);
    waiting.delete(told.id);
  });
  child.once('error', end);
  child.once('exit', end);

  const answerTo = (id: number, limitMs: number, signal?: AbortSignal): Promise<unknown> =>
    new Promise((done, reject) => {
      const hangs = setTimeout(() => {
        end();
        child.kill('SIGKILL');
      }, limitMs);
      hangs.unref();
      // Nobody waits any more; that the process answers is waited for nevertheless.
      const leave = () => {
        reject(new PlatformError(`${area}.timed-out`, 'a process took too long', { retry: 'later' }));
      };
      if (signal?.aborted) leave();
      signal?.addEventListener('abort', leave, { once: true });
      const over = () => {
        clearTimeout(hangs);
        signal?.removeEventListener('abort', leave);
      };
      waiting.set(id, {
        done(told) {
          over();
          if ('code' in told) reject(errorOf(told));
          else done(told.ok);
        },
        fail(error) {
          over();
          reject(error);
        },
      });
    });

  const ready = (await answerTo(0, startMs).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  })) as Ready;
  return {
    ready,
    isGone: () => gone,
    ask(question, signal) {
      if (gone) return Promise.reject(goneFrom(area));
      const id = ++asked;
      const answer = answerTo(id, hangsMs, signal);
      child.send({ ...question, id }, (error) => {
        if (error) end();
      });
      return answer;
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** How a failure is told; a foreign error may quote what was said, and is not. */
export function failureOf(id: number, error: unknown, area: 'asr' | 'tts'): Told<never> {
  if (error instanceof PlatformError) return { id, code: error.code, message: error.message };
  return { id, code: `${area}.failed`, message: 'a process failed' };
}

const errorOf = ({ code, message }: { readonly code: string; readonly message: string }) =>
  new PlatformError(code, message, { retry: code === 'model.invalid' ? 'never' : 'later' });

const goneFrom = (area: string) =>
  new PlatformError(`${area}.unavailable`, 'a process is gone, or was killed', { retry: 'later', retryAfterMs: 1_000 });
