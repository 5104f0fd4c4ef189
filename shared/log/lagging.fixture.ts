import type { Log, SessionRef } from './log.ts';

/**
 * A log as a client of a lagging replica sees it: everything after a position is missing from what any replica may
 * answer. Appends and `at` go to the leader, which has everything.
 */
export function lagging(log: Log, newest: () => number): Log {
  const seen = async (ref: SessionRef) =>
    (await log.scan(ref, 0, Number.MAX_SAFE_INTEGER)).filter(({ position }) => position <= newest());
  return {
    ...log,
    latest: async (ref) => [...new Map((await seen(ref)).map((s) => [s.envelope.type, s])).values()],
    scan: async (ref, after, limit) => (await seen(ref)).filter(({ position }) => position > after).slice(0, limit),
  };
}
