import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../errors/index.ts';
import { sha256Of } from '../fingerprint.ts';
import type { PinnedFile } from '../models.ts';
import { modelsFault } from './fault.ts';
import type { Portion } from './source.ts';

export interface Download {
  readonly file: PinnedFile;
  /** Where it goes, once it is whole and right. Beside it lies what has come so far. */
  readonly to: string;
  readonly fetch: (from: number, validator: string | undefined, signal: AbortSignal) => Promise<Portion>;
  /** Told how many bytes are there. */
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal;
  readonly patience: Patience;
}

/** How long to wait for a source, and how often. */
export interface Patience {
  /** Without a byte for this long, a connection is given up. */
  readonly stallMs: number;
  /** Tries without any progress between them. */
  readonly tries: number;
  /** Before the second try; doubled each time. */
  readonly pauseMs: number;
}

export const PATIENCE: Patience = { stallMs: 30_000, tries: 5, pauseMs: 500 };
/** ONNX files end at 2 GB. */
const MAX_BYTES = 2 ** 31;
const LONGEST_PAUSE_MS = 30_000;
/** For one file, however little each of them brings. */
const MAX_CONNECTIONS = 200;

/**
 * Gets a file, going on where an earlier try or an earlier process stopped, and puts it in its place only when size and
 * checksum are right. Answers its checksum. Fails with `models.unreachable` (later), `models.refused`,
 * `models.wrong-bytes`, `models.too-large`, or the signal's reason; all but wrong bytes leave what has come so far.
 */
export async function download(job: Download): Promise<string> {
  const { file, to, signal, patience } = job;
  await mkdir(dirname(to), { recursive: true });
  let failures = 0;
  let restarts = 0;
  for (let connections = 1; ; connections++) {
    const before = await sizeOf(partOf(to));
    try {
      await more(job, before);
      const sha256 = await sha256Of(partOf(to));
      const right = file.sha256 === undefined || sha256 === file.sha256;
      if (right) {
        await rename(partOf(to), to);
        await rm(tagOf(to), { force: true });
        return sha256;
      }
      await forget(to);
      // What was put together of two versions may be right in one piece.
      if (before === 0 || restarts++ > 0)
        throw wrong(file, `has the SHA-256 ${sha256}, and should have ${file.sha256}`);
    } catch (error) {
      signal.throwIfAborted();
      const fault = faultOf(error);
      if (fault.retry === 'never') throw fault;
      failures = (await sizeOf(partOf(to))) > before ? 1 : failures + 1;
      if (failures >= patience.tries || connections >= MAX_CONNECTIONS) throw fault;
      const pause = Math.max(patience.pauseMs * 2 ** (failures - 1), fault.retryAfterMs ?? 0);
      await delay(Math.min(pause, LONGEST_PAUSE_MS), undefined, { signal });
    }
  }
}

/** One connection's worth of bytes. */
async function more(job: Download, have: number): Promise<void> {
  const { file, to, onBytes, signal, patience } = job;
  const limit = file.bytes ?? MAX_BYTES;
  if (have === file.bytes) return;
  if (have > limit) {
    await forget(to);
    return more(job, 0);
  }
  const validator = await readFile(tagOf(to), 'utf8').catch(() => undefined);
  // Without a checksum to compare with in the end, only a tag makes sure that both halves are of one file.
  const from = validator !== undefined || file.sha256 !== undefined ? have : 0;
  const stalled = new AbortController();
  const timer = setTimeout(() => {
    stalled.abort(modelsFault('unreachable', 'the source sends nothing any more', 'later'));
  }, patience.stallMs);
  const part = await open(partOf(to), 'a');
  try {
    const portion = await job.fetch(from, validator, AbortSignal.any([signal, stalled.signal]));
    if (portion.from < have) await part.truncate(portion.from);
    if (portion.validator === undefined) await rm(tagOf(to), { force: true });
    else await writeFile(tagOf(to), portion.validator);
    let bytes = portion.from;
    for await (const chunk of portion.bytes) {
      timer.refresh();
      bytes += chunk.length;
      if (bytes > limit) throw modelsFault('too-large', `${file.path} is larger than ${limit} bytes`);
      await part.appendFile(chunk);
      onBytes(bytes);
    }
    if (bytes < (file.bytes ?? 1)) {
      throw modelsFault('unreachable', `the source stopped at byte ${bytes} of ${file.path}`, 'later');
    }
    await part.sync();
  } finally {
    clearTimeout(timer);
    await part.close();
  }
}

const partOf = (to: string) => `${to}.part`;
const tagOf = (to: string) => `${to}.part.tag`;
const sizeOf = async (path: string) => (await stat(path).catch(() => undefined))?.size ?? 0;

async function forget(to: string): Promise<void> {
  await rm(partOf(to), { force: true });
  await rm(tagOf(to), { force: true });
}

const wrong = ({ path }: PinnedFile, what: string) => modelsFault('wrong-bytes', `${path} ${what}`);

/** What `fetch` throws says little; what lies beneath it is a system's code. */
function faultOf(error: unknown): PlatformError {
  if (error instanceof PlatformError) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof PlatformError) return cause;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return modelsFault('no-space', 'the disk is full', 'never', error);
  return modelsFault('unreachable', `the source cannot be reached (${code || 'connection closed'})`, 'later', error);
}
