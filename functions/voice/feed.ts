import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';

/** The events of one session, as they happen. */
export interface Feed {
  /** Looks by itself after a while: a bell may be lost. */
  tick(nowMs: number): void;
  stop(): void;
}

const LOOK_MS = 5_000;

/** Passes on every event of a session after a position, in order, once. `look`: there may be some already. */
export function feed(
  log: Log,
  ref: SessionRef,
  after: number,
  pass: (stored: Stored) => void,
  { look }: { readonly look: boolean } = { look: false },
): Feed {
  let last = after;
  let reading = false;
  let wanted = 0;
  let lookedAt: number | undefined;
  let stopped = false;

  const give = (stored: Stored) => {
    if (stopped || stored.position <= last) return;
    last = stored.position;
    pass(stored);
  };
  const read = async (through: number, known: readonly Stored[]): Promise<void> => {
    if (reading) {
      wanted = Math.max(wanted, through);
      return;
    }
    reading = true;
    try {
      for (const stored of await readSession(log, ref, { after: last, through, known })) give(stored);
    } catch {
      // The log is away: the next look may find it.
    } finally {
      reading = false;
    }
    const missed = wanted;
    wanted = 0;
    if (missed > last && !stopped) await read(missed, []);
  };
  const following = log.follow(ref, (stored) => {
    if (stored.position <= last) return;
    if (!reading && stored.previous === last) give(stored);
    else void read(stored.position, [stored]);
  });
  if (look) void read(0, []);
  return {
    tick(nowMs) {
      if (nowMs - (lookedAt ??= nowMs) < LOOK_MS) return;
      lookedAt = nowMs;
      void read(0, []);
    },
    stop() {
      stopped = true;
      following.stop();
    },
  };
}
