import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Envelope } from '../../events/envelope.ts';
import { sessionOpened, sessionResumed } from '../../events/session.ts';
import { PlatformError } from '../errors/index.ts';
import { inTurn } from './in-turn.ts';
import type { Log, SessionRef, Stored } from './log.ts';

/** Where an append that does not care about its place ended up. */
export type Placed =
  { readonly kind: 'appended'; readonly stored: Stored } | { readonly kind: 'duplicate'; readonly position: number };

const ATTEMPTS = 50;
const LONGEST_PAUSE_MS = 50;
const REMEMBERED_SESSIONS = 50_000;

/** What a session can begin with; everything else belongs to one that is there. */
const OPENINGS = new Set<string>([sessionOpened.type, sessionResumed.type]);

/** Appends to the end of sessions, wherever it is. */
export interface Tail {
  /**
   * Stores the event after whatever is newest. `hint`: a position that the caller knows of.
   * Fails with `session.gone` (never) where the session has left the log and the event would begin it anew.
   */
  append(event: Envelope, hint?: number): Promise<Placed>;
  /** Takes note that the session has reached a position: saves a refused append. */
  reached(ref: SessionRef, position: number): void;
}

/**
 * Events that do not depend on the session's other events (what was said, what was understood) may stand anywhere in
 * it, but the chain needs their place to be exact. So: guess the end from the last thing seen, and where the guess was
 * wrong, take what the store says. Appends to one session from this process wait for one another.
 */
export function tailOf(log: Log, remembered = REMEMBERED_SESSIONS): Tail {
  const ends = new LRUCache<string, number>({ max: remembered });
  const turns = inTurn();
  const keyOf = (ref: SessionRef) => `${ref.tenant}/${ref.session}`;

  const place = async (event: Envelope, key: string, hint: number): Promise<Placed> => {
    const begins = OPENINGS.has(event.type);
    // Where nothing is known, a guess that is refused: the refusal tells the end, also that there is none.
    let previous = Math.max(ends.get(key) ?? 0, hint, begins ? 0 : 1);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const result = await log.append(event, previous);
      if (result.kind === 'duplicate') return result;
      if (result.kind === 'appended') {
        ends.set(key, result.stored.position);
        return result;
      }
      if (result.last === undefined) {
        // Something of the session is under way in the cluster, and there is nothing to do but to wait for it.
        await delay(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS));
        previous = (await log.latest(event)).at(-1)?.position ?? previous;
      } else previous = result.last;
      if (previous === 0 && !begins) throw gone(event);
    }
    throw new PlatformError('log.contended', `could not append ${event.type}`, { retry: 'later', retryAfterMs: 100 });
  };

  return {
    append(event, hint = 0) {
      const key = keyOf(event);
      return turns.take(key, () => place(event, key, hint));
    },
    reached(ref, position) {
      const key = keyOf(ref);
      if (position > (ends.get(key) ?? 0)) ends.set(key, position);
    },
  };
}

const gone = ({ type }: Envelope) =>
  new PlatformError('session.gone', `the session has left the log, and ${type} cannot begin one`, { retry: 'never' });
