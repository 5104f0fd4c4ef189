import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlatformError } from '../errors/index.ts';
import type { Capabilities } from './encoder.ts';
import { entryOf } from './entry.ts';
import { modelInvalid } from './invalid.ts';
import { readLayout } from './layout.ts';
import type { Verdict } from './probe.ts';
import { SILENT } from './silent.ts';

export interface CheckOptions {
  /** How long loading and trying may take, milliseconds. */
  readonly limitMs?: number;
  /** How much memory the process that tries the model may hold, bytes. Only watched on Linux. */
  readonly limitBytes?: number;
}

const LIMIT_MS = 60_000;
const LIMIT_BYTES = 6 * 2 ** 30;
const LOOK_EVERY_MS = 50;
const PAGE_BYTES = 4_096;

/**
 * Loads a model in a process of its own and runs it on texts of all sorts, so that a file that is broken or made to do
 * harm takes nothing with it; that process cannot write files or start others. Fails with `model.invalid`.
 */
export async function checkModel(dir: string, options: CheckOptions = {}): Promise<Capabilities> {
  // What can be told without running anything is told at once.
  readLayout(dir);
  return tryOut<Capabilities>(entryOf('probe'), [resolve(dir)], basename(resolve(dir)), options);
}

/**
 * Lets a process of its own try something: a module that answers once with `{ good }` or `{ bad }`. Resolves to what is
 * good; fails with `model.invalid` (never), naming what was to be tried where the process said nothing.
 */
export async function tryOut<T>(
  module: URL,
  args: readonly string[],
  name: string,
  { limitMs = LIMIT_MS, limitBytes = LIMIT_BYTES }: CheckOptions = {},
): Promise<T> {
  const child = fork(fileURLToPath(module), args, {
    env: SILENT,
    execArgv: ['--permission', '--allow-fs-read=*', '--allow-addons', '--max-old-space-size=1024', '--no-warnings'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const verdict = await verdictOf<T>(child, name, limitMs, limitBytes);
  if ('good' in verdict) return verdict.good;
  throw new PlatformError('model.invalid', verdict.bad, { retry: 'never' });
}

function verdictOf<T>(child: ChildProcess, name: string, limitMs: number, limitBytes: number): Promise<Verdict<T>> {
  return new Promise((resolve, reject) => {
    const give = (reason: string) => {
      reject(modelInvalid(name, reason));
      child.kill('SIGKILL');
    };
    const limit = setTimeout(() => {
      give(`did not load and run within ${limitMs / 1000} s`);
    }, limitMs);
    const watch = setInterval(() => {
      void memoryOf(child.pid).then((bytes) => {
        if (bytes > limitBytes) give(`needs more than ${Math.round(limitBytes / 2 ** 20)} MB of memory`);
      });
    }, LOOK_EVERY_MS);
    child.once('message', (verdict) => {
      resolve(verdict as Verdict<T>);
    });
    child.once('error', (error) => {
      give(`could not be tried (${error.message})`);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(limit);
      clearInterval(watch);
      give(`crashed the process that tried it (${signal ?? `exit code ${code ?? 0}`})`);
    });
  });
}

/** Resident memory of a process; 0 where the system does not tell. */
async function memoryOf(pid: number | undefined): Promise<number> {
  const pages = await readFile(`/proc/${pid ?? 0}/statm`, 'utf8').catch(() => '');
  return Number(pages.split(' ')[1] ?? 0) * PAGE_BYTES;
}
