import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { memoryLog, type MemoryLog } from '../../shared/log/memory.ts';
import { PlatformError } from '../../shared/errors/index.ts';

/** A process of the simulation: what it waits for is never answered once it is dead. */
export interface Process {
  readonly name: string;
  alive: boolean;
}

/** Something that a process has asked of the log and waits for. */
export interface Asked {
  readonly by: Process;
  readonly what: keyof Log;
  /** Does it and answers. */
  readonly grant: () => Promise<void>;
  /** Does it, and the answer gets lost. */
  readonly lose: () => Promise<void>;
  /** Does not do it, and says so. */
  readonly refuse: () => void;
  /** Answers a read from a replica that has not got further than some older event; does anything else as usual. */
  readonly grantStale: (choice: number) => Promise<void>;
}

/** A cluster looks for the id of an append before it looks for its place, a single server the other way round. */
export type Store = 'single' | 'cluster';

/** The log of that kind of store. */
export function storeOf(kind: Store): MemoryLog {
  const log = memoryLog();
  if (kind === 'single') return log;
  const ids = new Map<string, number>();
  const append: Log['append'] = async (event, previous) => {
    const position = ids.get(event.id);
    if (position !== undefined) return { kind: 'duplicate', position };
    const result = await log.append(event, previous);
    if (result.kind === 'appended') ids.set(event.id, result.stored.position);
    return result;
  };
  return {
    ...log,
    append,
    get all() {
      return log.all;
    },
    forgetIds() {
      ids.clear();
      log.forgetIds();
    },
  };
}

/** A log that does nothing until it is let: the order and the fate of every call are somebody else's choice. */
export function gatedLog(log: MemoryLog, by: Process, asked: Asked[]): Log {
  const gate = <T>(what: keyof Log, run: (on: Pick<Log, 'latest' | 'scan'>) => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const grant = async () => {
        resolve(await run(log));
      };
      const refuse = () => {
        reject(new PlatformError('log.unavailable', 'the log is away', { retry: 'later' }));
      };
      // Whoever is dead asks for nothing any more, and waits for ever.
      if (!by.alive) return;
      asked.push({
        by,
        what,
        grant,
        refuse,
        async lose() {
          await run(log);
          refuse();
        },
        async grantStale(choice) {
          const seen = log.all.length === 0 ? 0 : choice % log.all.length;
          resolve(await run(replica(log.all.slice(0, seen))));
        },
      });
    });
  return {
    append: (event, previous) => gate('append', () => log.append(event, previous)),
    at: (ref, position) => gate('at', () => log.at(ref, position)),
    latest: (ref) => gate('latest', (on) => on.latest(ref)),
    scan: (ref, after, limit) => gate('scan', (on) => on.scan(ref, after, limit)),
    follow: (match, ring) => log.follow(match, ring),
    purge: (ref, through) => gate('purge', () => log.purge(ref, through)),
  };
}

function replica(all: readonly Stored[]): Pick<Log, 'latest' | 'scan'> {
  const of = (ref: SessionRef) => all.filter(({ envelope: e }) => e.tenant === ref.tenant && e.session === ref.session);
  return {
    latest: (ref) =>
      Promise.resolve(
        [...new Map(of(ref).map((s) => [s.envelope.type, s])).values()].sort((a, b) => a.position - b.position),
      ),
    scan: (ref, after, limit) =>
      Promise.resolve(
        of(ref)
          .filter(({ position }) => position > after)
          .slice(0, limit),
      ),
  };
}
