import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SILENT } from '../../encoder/silent.ts';
import { PlatformError } from '../../errors/index.ts';
import type { NotHeard } from './decode.ts';
import type { Format } from './formats.ts';
import type { FileTranscript } from './transcribe.ts';

/** Which recognisers listen, best first. */
export interface Setting {
  readonly engines: readonly { readonly kind: string; readonly where: string }[];
  readonly key?: string | undefined;
}

/** A recording to listen to. */
export interface Job {
  readonly bytes: Uint8Array;
  /** What is spoken, BCP 47. */
  readonly locale: string;
  /** A longer one is refused. */
  readonly longestMs: number;
}

/** What came of it. */
export type Outcome =
  | { readonly transcript: FileTranscript; readonly format: Format }
  | { readonly refused: NotHeard | 'too-much' }
  | { readonly code: string; readonly message: string };

export interface TranscriberOptions extends Setting {
  /** Recordings that may wait. */
  readonly queue?: number;
  /** For one recording, milliseconds. */
  readonly limitMs?: number;
  /** Memory of the process, bytes; only watched on Linux. */
  readonly limitBytes?: number;
  /** A process that has had nothing to do for so long ends. */
  readonly idleMs?: number;
}

/** Listens to recordings, one after the other. */
export interface Transcriber {
  /**
   * Fails with `asr.busy`, `asr.timed-out` or `asr.failed` (later), and with `model.invalid` (never) where no recogniser
   * can be used.
   */
  hear(job: Job): Promise<Exclude<Outcome, { code: string }>>;
  close(): void;
}

const LIMIT_MS = 120_000;
const LIMIT_BYTES = 2 ** 30;
const IDLE_MS = 60_000;
const QUEUE = 4;
const LOOK_EVERY_MS = 50;
const PAGE_BYTES = 4_096;

/**
 * Starts no process until the first recording comes. That process can read files and do little else; it is killed where
 * it takes too long or too much memory, and the next recording gets a new one.
 */
export function transcriber(options: TranscriberOptions): Transcriber {
  const { limitMs = LIMIT_MS, limitBytes = LIMIT_BYTES, idleMs = IDLE_MS, queue = QUEUE } = options;
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const end = () => {
    child?.kill('SIGKILL');
    child = undefined;
  };
  const started = (): ChildProcess => {
    clearTimeout(idle);
    if (child?.connected) return child;
    const setting: Setting = { engines: options.engines, key: options.key };
    child = fork(fileURLToPath(entry()), [JSON.stringify(setting)], {
      env: SILENT,
      execArgv: ['--permission', '--allow-fs-read=*', '--allow-addons', '--no-warnings', '--max-old-space-size=512'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
    });
    return child;
  };
  const one = async (job: Job): Promise<Exclude<Outcome, { code: string }>> => {
    const outcome = await outcomeOf(started(), job, { limitMs, limitBytes }).catch((error: unknown) => {
      end();
      throw error;
    });
    if ('refused' in outcome && outcome.refused === 'too-much') end();
    idle = setTimeout(end, idleMs);
    idle.unref();
    if (!('code' in outcome)) return outcome;
    throw new PlatformError(outcome.code, outcome.message, {
      retry: outcome.code === 'model.invalid' ? 'never' : 'later',
    });
  };
  return {
    async hear(job) {
      if (waiting > queue) {
        throw new PlatformError('asr.busy', 'too many recordings wait', { retry: 'later', retryAfterMs: 5_000 });
      }
      waiting += 1;
      const mine = last.then(() => one(job));
      last = mine.catch(() => undefined);
      try {
        return await mine;
      } finally {
        waiting -= 1;
      }
    },
    close() {
      clearTimeout(idle);
      end();
    },
  };
}

function outcomeOf(
  child: ChildProcess,
  job: Job,
  { limitMs, limitBytes }: { readonly limitMs: number; readonly limitBytes: number },
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(limit);
      clearInterval(watch);
      child.off('message', onMessage);
      child.off('exit', onExit);
      child.off('error', onExit);
    };
    const onMessage = (outcome: Outcome) => {
      over();
      resolve(outcome);
    };
    const onExit = () => {
      over();
      reject(new PlatformError('asr.failed', 'the process that listens has crashed', { retry: 'later' }));
    };
    const limit = setTimeout(() => {
      over();
      reject(new PlatformError('asr.timed-out', 'listening took too long', { retry: 'later' }));
    }, limitMs);
    const watch = setInterval(() => {
      void memoryOf(child.pid).then((bytes) => {
        if (bytes <= limitBytes) return;
        over();
        resolve({ refused: 'too-much' });
      });
    }, LOOK_EVERY_MS);
    child.on('message', onMessage);
    child.once('exit', onExit);
    child.once('error', onExit);
    child.send(job, (error) => {
      if (error) onExit();
    });
  });
}

/** Resident memory of a process; 0 where the system does not tell. */
async function memoryOf(pid: number | undefined): Promise<number> {
  const pages = await readFile(`/proc/${pid ?? 0}/statm`, 'utf8').catch(() => '');
  return Number(pages.split(' ')[1] ?? 0) * PAGE_BYTES;
}

const entry = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './process.ts' : './speech-transcriber.js', import.meta.url);
