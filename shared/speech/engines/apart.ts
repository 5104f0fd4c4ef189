import { fork, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SILENT } from '../../encoder/silent.ts';
import { PlatformError } from '../../errors/index.ts';
import type { Engine, EngineCapabilities, Transcript } from '../engine.ts';
import type { InnerKind } from './inner.ts';

/** What the process is told; each is answered once, under its number. */
export type Ask = { readonly id: number; readonly recognition: number } & (
  | { readonly kind: 'begin'; readonly locale: string }
  | { readonly kind: 'hear'; readonly sound: Int16Array }
  | { readonly kind: 'finish' }
  | { readonly kind: 'close' }
);

/** What the process says. Number 0 is its being ready, or why it never will be. */
export type Told = { readonly id: number } & (
  | { readonly ok: EngineCapabilities | Transcript | string | undefined }
  | { readonly code: string; readonly message: string }
);

export interface ApartOptions {
  /** How long loading may take, milliseconds. */
  readonly startMs?: number;
  /** A process that owes an answer for so long hangs, and is killed. */
  readonly hangsMs?: number;
}

const START_MS = 120_000;
const HANGS_MS = 30_000;
const HEAP_MB = 1_024;

type Asking = Ask extends infer A ? (A extends Ask ? Omit<A, 'id'> : never) : never;

interface Running {
  readonly child: ChildProcess;
  readonly capabilities: EngineCapabilities;
  /** Fails with what the process says, or as `asr.unavailable` once it is gone. */
  ask(asking: Asking, signal?: AbortSignal): Promise<unknown>;
  isGone(): boolean;
}

/**
 * An engine in a process of its own, which can read files and do nothing else, so that whatever becomes of it takes
 * nothing with it: its utterances fail, and the next one starts it again. Fails with `model.invalid` (never).
 */
export async function openApart(kind: InnerKind, dir: string, options: ApartOptions = {}): Promise<Engine> {
  let current = started(kind, dir, options);
  let closed = false;
  let recognitions = 0;
  const { capabilities } = await current;

  const running = async (): Promise<Running> => {
    const before = await current.catch(() => undefined);
    if (closed) throw gone();
    if (before && !before.isGone()) return before;
    current = started(kind, dir, options);
    current.catch(() => undefined);
    return current;
  };
  return {
    capabilities,
    async begin({ locale }) {
      const at = await running();
      // Files that were exchanged meanwhile are another model: it comes with the next start of the whole process.
      if (at.capabilities.model !== capabilities.model) throw gone('has another model now');
      const recognition = ++recognitions;
      await at.ask({ kind: 'begin', recognition, locale });
      let isOpen = true;
      return {
        hear: async (sound, signal) => (await at.ask({ kind: 'hear', recognition, sound }, signal)) as string,
        finish: async (signal) => (await at.ask({ kind: 'finish', recognition }, signal)) as Transcript,
        save: () => undefined,
        close() {
          if (isOpen && !at.isGone()) at.ask({ kind: 'close', recognition }).catch(() => undefined);
          isOpen = false;
        },
      };
    },
    async close() {
      closed = true;
      const last = await current.catch(() => undefined);
      if (!last || last.isGone()) return;
      const exit = new Promise((done) => last.child.once('exit', done));
      last.child.kill('SIGKILL');
      await exit;
    },
  };
}

async function started(kind: InnerKind, dir: string, options: ApartOptions): Promise<Running> {
  const { startMs = START_MS, hangsMs = HANGS_MS } = options;
  const child = fork(fileURLToPath(entry()), [kind, resolve(dir)], {
    env: SILENT,
    execArgv: [
      ...['--permission', '--allow-fs-read=*', '--allow-addons', '--no-warnings'],
      `--max-old-space-size=${HEAP_MB}`,
    ],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  });
  const waiting = new Map<number, { done(told: Told): void; fail(error: Error): void }>();
  let isGone = false;
  let asked = 0;
  const end = () => {
    isGone = true;
    for (const { fail } of waiting.values()) fail(gone());
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
        reject(new PlatformError('asr.timed-out', 'the recogniser took too long', { retry: 'later' }));
      };
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

  const capabilities = (await answerTo(0, startMs).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  })) as EngineCapabilities;
  return {
    child,
    capabilities,
    isGone: () => isGone,
    ask(asking, signal) {
      if (isGone) return Promise.reject(gone());
      const id = ++asked;
      const answer = answerTo(id, hangsMs, signal);
      child.send({ ...asking, id }, (error) => {
        if (error) end();
      });
      return answer;
    },
  };
}

const errorOf = ({ code, message }: { readonly code: string; readonly message: string }) =>
  new PlatformError(code, message, { retry: code === 'model.invalid' ? 'never' : 'later' });

const gone = (why = 'is gone, or was killed') =>
  new PlatformError('asr.unavailable', `the recogniser's process ${why}`, { retry: 'later', retryAfterMs: 1_000 });

const entry = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './apart-process.ts' : './speech-engine.js', import.meta.url);
