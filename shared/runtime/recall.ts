import { LRUCache } from 'lru-cache';
import type { Snapshot } from '../../events/fields.ts';
import type { Fold } from '../function/define.ts';
import type { Log, SessionRef, Stored } from '../log/log.ts';
import { isChain, readSession } from '../log/read.ts';
import { foldable, readEvent } from './read-event.ts';

/** A session's state, and the position up to which it has been folded. */
export interface Recalled {
  readonly state: unknown;
  readonly position: number;
}

/**
 * States that this process folded lately. Only a shortcut: every decision is appended on the condition that the
 * session still stands where the state ends, so an outdated entry costs a repeated read, never a wrong decision.
 */
export interface Sessions {
  get(ref: SessionRef): Recalled | undefined;
  set(ref: SessionRef, recalled: Recalled): void;
  forget(ref: SessionRef): void;
}

/** Remembers the states of the `max` sessions used last; 0: of none. */
export function sessionCache(max: number): Sessions {
  if (max === 0) return { get: () => undefined, set: () => undefined, forget: () => undefined };
  const states = new LRUCache<string, Recalled>({ max });
  const keyOf = (ref: SessionRef) => `${ref.tenant}/${ref.session}`;
  return {
    get: (ref) => states.get(keyOf(ref)),
    set: (ref, recalled) => void states.set(keyOf(ref), recalled),
    forget: (ref) => void states.delete(keyOf(ref)),
  };
}

/**
 * The state of a session at a position not before `through`. In order of cost: what this process remembers plus the
 * events at hand; what it remembers plus the events since; the newest snapshot plus the events since; everything.
 */
export async function recall(
  log: Log,
  sessions: Sessions,
  fold: Fold<unknown>,
  ref: SessionRef,
  through: number,
  atHand: readonly Stored[] = [],
): Promise<Recalled> {
  const cached = sessions.get(ref);
  if (cached) {
    if (cached.position >= through) return cached;
    const next = atHand.filter((s) => s.position > cached.position).sort((a, b) => a.position - b.position);
    const events = isLinked(next, cached.position, through)
      ? next
      : await readSession(log, ref, { after: cached.position, through });
    if (isLinked(events, cached.position, through)) return advance(fold, cached, events);
    sessions.forget(ref);
  }
  const known = await log.latest(ref);
  const from = snapshotOf(fold, known) ?? { state: fold.initial, position: 0 };
  return advance(fold, from, await readSession(log, ref, { after: from.position, through, known }));
}

/**
 * Brings what this process remembers of a session up to the events it has seen, so that the next turn finds the state
 * where the session stands. Without effect where an event in between was somebody else's.
 */
export function keepUp(sessions: Sessions, fold: Fold<unknown>, ref: SessionRef, atHand: readonly Stored[]): void {
  const cached = sessions.get(ref);
  if (!cached) return;
  const next = atHand.filter((s) => s.position > cached.position).sort((a, b) => a.position - b.position);
  if (isLinked(next, cached.position, 0)) sessions.set(ref, advance(fold, cached, next));
}

/** Folds events on top of a state. */
export const advance = (fold: Fold<unknown>, from: Recalled, events: readonly Stored[]): Recalled =>
  events.reduce<Recalled>(({ state }, stored) => {
    const event = foldable(stored);
    return { state: event ? fold.evolve(state, event) : state, position: stored.position };
  }, from);

/** Stricter than `isChain`: begins exactly where the state ends, which is an event of this session or nothing. */
const isLinked = (events: readonly Stored[], after: number, through: number): boolean =>
  events[0]?.previous === after && isChain(events, after, through);

function snapshotOf(fold: Fold<unknown>, known: readonly Stored[]): Recalled | undefined {
  const decision = known.findLast(({ envelope }) => envelope.basis !== undefined);
  if (decision?.envelope.basis === undefined) return undefined;
  const { snapshot } = readEvent(decision).data as { readonly snapshot: Snapshot };
  // Other rules would have come to another state: fold it again from the beginning.
  return snapshot.fold === fold.version ? { state: snapshot.state, position: decision.envelope.basis } : undefined;
}
