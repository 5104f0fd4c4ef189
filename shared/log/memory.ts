import type { Envelope } from '../../events/envelope.ts';
import type { Log, SessionRef, Stored, Match } from './log.ts';

export interface MemoryLog extends Log {
  /** Everything stored, in order. */
  readonly all: readonly Stored[];
  /** Lets the store forget the ids it has seen, as the real one does after its duplicate window. */
  forgetIds(): void;
}

/** A log in memory that behaves like the one on JetStream (`log.contract.ts` holds both to it). For tests. */
export function memoryLog(): MemoryLog {
  let all: Stored[] = [];
  let next = 1;
  const ids = new Map<string, number>();
  const followers = new Set<{ match: Match; ring: (stored: Stored) => void }>();
  const sessions = new Map<string, readonly Stored[]>();
  const keyOf = (ref: SessionRef) => `${ref.tenant}/${ref.session}`;
  const of = (ref: SessionRef) => sessions.get(keyOf(ref)) ?? [];

  return {
    get all() {
      return all;
    },
    forgetIds: () => {
      ids.clear();
    },
    append(event, previous) {
      // In the order of a single server; a cluster looks for the id first.
      const last = of(event).at(-1)?.position ?? 0;
      if (last !== previous) return Promise.resolve({ kind: 'conflict', last });
      const known = ids.get(event.id);
      if (known !== undefined) return Promise.resolve({ kind: 'duplicate', position: known });
      const stored: Stored = { envelope: structuredClone(event), position: next++, previous };
      ids.set(event.id, stored.position);
      all = [...all, stored];
      sessions.set(keyOf(event), [...of(event), stored]);
      for (const { match, ring } of followers)
        if (matches(match, event))
          queueMicrotask(() => {
            ring(stored);
          });
      return Promise.resolve({ kind: 'appended', stored });
    },
    latest: (ref) =>
      Promise.resolve(
        [...new Map(of(ref).map((s) => [s.envelope.type, s])).values()].sort((a, b) => a.position - b.position),
      ),
    at: (ref, position) => Promise.resolve(of(ref).find((s) => s.position === position)),
    scan: (ref, after, limit) =>
      Promise.resolve(
        of(ref)
          .filter((s) => s.position > after)
          .slice(0, limit),
      ),
    follow(match, ring) {
      const follower = { match, ring };
      followers.add(follower);
      return { stop: () => void followers.delete(follower) };
    },
    purge(ref, through) {
      const gone = new Set(of(ref).filter(({ position }) => position <= through));
      all = all.filter((s) => !gone.has(s));
      sessions.set(
        keyOf(ref),
        of(ref).filter((s) => !gone.has(s)),
      );
      return Promise.resolve();
    },
  };
}

const matches = (match: Match, event: Envelope) =>
  (match.tenant ?? event.tenant) === event.tenant &&
  (match.session ?? event.session) === event.session &&
  (match.types?.includes(event.type) ?? true);
