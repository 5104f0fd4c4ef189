import { PlatformError } from '../errors/index.ts';
import type { Task } from './inference.ts';
import type { Thread } from './thread.ts';

export interface PoolOptions {
  readonly start: () => Thread;
  readonly threads: number;
  /** Tasks that may wait. */
  readonly queue: number;
  /** From a task's arrival to its answer, milliseconds. */
  readonly deadlineMs: number;
}

/** Threads that share a queue. */
export interface Pool {
  /** Fulfilled when a thread can work; rejected with why none can. */
  readonly ready: Promise<void>;
  /** Fails as `Encoder` says, or with the signal's reason. */
  readonly run: (task: Task, signal?: AbortSignal) => Promise<Float32Array>;
  /** Takes nothing more, lets what is there be answered, and ends the threads. */
  readonly close: () => Promise<void>;
}

interface Job {
  readonly task: Task;
  readonly done: (rows: Float32Array) => void;
  readonly failed: (error: PlatformError) => void;
}

interface Seat {
  readonly thread: Thread;
  state: 'starting' | 'idle' | Job;
}

/** Pauses between starts while threads do not get ready, doubled each time. */
const PAUSE_MS = { first: 50, last: 10_000 } as const;
/** An advice for callers that find the queue full. */
const RETRY_MS = 100;

/**
 * Runs tasks in threads, one at a time each. A thread that dies is started again; one whose task passes its deadline is
 * ended and replaced. The runtime's own code cannot be interrupted, so a thread may take long to be gone: no more are
 * started while as many as are wanted are still going.
 */
export function startPool({ start, threads, queue, deadlineMs }: PoolOptions): Pool {
  const waiting: Job[] = [];
  const seats = new Set<Seat>();
  const going = new Set<Seat>();
  let pauseMs = 0;
  let planned: NodeJS.Timeout | undefined;
  let closed: (() => void) | undefined;

  const open = (): Promise<void> => {
    const seat: Seat = { thread: start(), state: 'starting' };
    seats.add(seat);
    void seat.thread.gone.then(() => {
      retire(seat);
      going.delete(seat);
      refill();
    });
    return seat.thread.ready.then(
      () => {
        pauseMs = 0;
        if (!seats.has(seat)) return;
        seat.state = 'idle';
        dispatch();
      },
      (error: unknown) => {
        pauseMs = Math.min(Math.max(pauseMs * 2, PAUSE_MS.first), PAUSE_MS.last);
        retire(seat);
        throw error;
      },
    );
  };
  const retire = (seat: Seat) => {
    if (!seats.delete(seat)) return;
    going.add(seat);
    seat.thread.end();
    refill();
    dispatch();
  };
  const refill = () => {
    if ((closed && waiting.length === 0) || planned || seats.size >= threads || going.size >= threads) return;
    planned = setTimeout(() => {
      planned = undefined;
      open().catch(() => undefined);
      refill();
    }, pauseMs);
    // With nothing to do, threads that are missing keep nobody waiting.
    if (waiting.length === 0) planned.unref();
  };
  const dispatch = () => {
    for (const seat of seats) {
      if (seat.state !== 'idle') continue;
      const job = waiting.shift();
      if (!job) break;
      void work(seat, job);
    }
    if (waiting.length === 0 && [...seats].every(({ state }) => state === 'idle' || state === 'starting')) closed?.();
  };
  const work = async (seat: Seat, job: Job) => {
    seat.state = job;
    try {
      job.done(await seat.thread.run(job.task));
    } catch (error) {
      const fault = error instanceof PlatformError ? error : crashed(error);
      job.failed(fault);
      if (fault.code === 'encoder.crashed') retire(seat);
    }
    seat.state = 'idle';
    dispatch();
  };
  const enqueue = (job: Job) => {
    waiting.push(job);
    planned?.ref();
    dispatch();
  };
  const giveUp = (job: Job) => {
    const place = waiting.indexOf(job);
    if (place >= 0) waiting.splice(place, 1);
  };
  const stop = (job: Job) => {
    for (const seat of seats) if (seat.state === job) retire(seat);
  };

  const first = open();
  while (seats.size < threads) open().catch(() => undefined);
  return {
    ready: first,
    async run(task, signal) {
      signal?.throwIfAborted();
      if (closed) throw new PlatformError('encoder.closed', 'the model is being put away', { retry: 'never' });
      const free = [...seats].some(({ state }) => state === 'idle');
      if (!free && waiting.length >= queue) throw busy();
      return new Promise<Float32Array>((resolve, reject) => {
        const end = () => {
          clearTimeout(deadline);
          signal?.removeEventListener('abort', leave);
        };
        const job: Job = {
          task,
          done: (rows) => {
            end();
            resolve(rows);
          },
          failed: (error) => {
            end();
            reject(error);
          },
        };
        const deadline = setTimeout(() => {
          giveUp(job);
          job.failed(timedOut(deadlineMs));
          stop(job);
          dispatch();
        }, deadlineMs);
        const leave = () => {
          giveUp(job);
          // What runs already goes on, and is ended at its deadline.
          reject(signal?.reason as Error);
          if (![...seats].some(({ state }) => state === job)) end();
        };
        signal?.addEventListener('abort', leave, { once: true });
        enqueue(job);
      });
    },
    async close() {
      if (!closed) {
        await new Promise<void>((resolve) => {
          closed = resolve;
          dispatch();
        });
      }
      clearTimeout(planned);
      const all = [...seats];
      for (const seat of all) retire(seat);
      await Promise.all(all.map(({ thread }) => thread.gone));
    },
  };
}

const busy = () =>
  new PlatformError('encoder.busy', 'too much is waiting for the model', { retry: 'later', retryAfterMs: RETRY_MS });
const crashed = (cause: unknown) =>
  new PlatformError('encoder.crashed', 'the model’s thread could not be asked', { retry: 'later', cause });
const timedOut = (ms: number) =>
  new PlatformError('encoder.timed-out', `the model gave no answer within ${ms} ms`, { retry: 'later' });
