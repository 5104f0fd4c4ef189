/** Work for many endpoints that wait for one another as little as they can. */
export interface Queues {
  /** Takes work in; false where too much waits for this endpoint already. */
  offer(endpoint: string, session: string, work: () => Promise<void>): boolean;
  /** The time between two pieces of work that an endpoint gets done when it has its hands full, milliseconds. */
  pace(endpoint: string): number;
  /** Resolves when nothing is under way or waiting. */
  idle(): Promise<void>;
}

export interface QueueLimits {
  /** Pieces of work of one endpoint at a time. */
  readonly running: number;
  /** Pieces of work of one endpoint that wait. */
  readonly waiting: number;
  /** A clock, milliseconds. */
  readonly clock: () => number;
}

interface Queue {
  readonly busy: Set<string>;
  readonly waiting: { readonly session: string; readonly work: () => Promise<void> }[];
  /** How long a piece of work takes, a moving average. */
  averageMs: number;
}

/** What is assumed of an endpoint that has not answered yet. */
const FIRST_AVERAGE_MS = 200;
const WEIGHT = 0.05;

/**
 * A queue for each endpoint, so that a slow one holds up nobody else. Within it, the work of one session goes one
 * after the other, in order. Work must not throw.
 */
export function queues({ running, waiting, clock }: QueueLimits): Queues {
  const all = new Map<string, Queue>();
  const idlers: (() => void)[] = [];

  const pump = (endpoint: string, queue: Queue): void => {
    while (queue.busy.size < running) {
      const next = queue.waiting.findIndex(({ session }) => !queue.busy.has(session));
      const [job] = next === -1 ? [] : queue.waiting.splice(next, 1);
      if (!job) break;
      queue.busy.add(job.session);
      const begun = clock();
      void job.work().finally(() => {
        queue.averageMs += WEIGHT * (clock() - begun - queue.averageMs);
        queue.busy.delete(job.session);
        pump(endpoint, queue);
      });
    }
    if (queue.busy.size > 0) return;
    all.delete(endpoint);
    if (all.size > 0) return;
    for (const resolve of idlers.splice(0)) resolve();
  };

  return {
    offer(endpoint, session, work) {
      const queue = all.get(endpoint) ?? { busy: new Set(), waiting: [], averageMs: FIRST_AVERAGE_MS };
      if (queue.waiting.length >= waiting) return false;
      all.set(endpoint, queue);
      queue.waiting.push({ session, work });
      pump(endpoint, queue);
      return true;
    },
    pace: (endpoint) => (all.get(endpoint)?.averageMs ?? FIRST_AVERAGE_MS) / running,
    async idle() {
      if (all.size > 0) await new Promise<void>((resolve) => void idlers.push(resolve));
    },
  };
}
