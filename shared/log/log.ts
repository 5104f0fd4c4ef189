import type { Envelope, SessionId, TenantId } from '../../events/envelope.ts';

/** One conversation. */
export interface SessionRef {
  readonly tenant: TenantId;
  readonly session: SessionId;
}

/**
 * An event in its place. `previous` is the position of the event before it in the same session (0: none): the events
 * of a session form a chain, so a reader knows whether it has seen all of them.
 */
export interface Stored {
  readonly envelope: Envelope;
  readonly position: number;
  readonly previous: number;
}

export type Appended =
  | { readonly kind: 'appended'; readonly stored: Stored }
  /** The id is known already; what stands there may differ from what was to be stored. */
  | { readonly kind: 'duplicate'; readonly position: number }
  /** The session has moved on; `last` is where it stands now, where the store tells. */
  | { readonly kind: 'conflict'; readonly last: number | undefined };

/** Which events are wanted of a live feed; what is absent matches everything. */
export interface Match {
  readonly tenant?: TenantId;
  readonly session?: SessionId;
  readonly types?: readonly string[];
}

export interface Following {
  stop(): void;
}

/** The one thing the platform asks of storage. Every method fails with `log.unavailable` (retry later) without a store. */
export interface Log {
  /**
   * Stores one event if the session's newest event stands at `previous` (0: the session is empty).
   * Repeating an id is never an error: for as long as the store remembers it, it is a duplicate, or a conflict where
   * the session has moved on (a single server looks for the place first, a cluster for the id).
   */
  append(event: Envelope, previous: number): Promise<Appended>;

  /** The newest event of each type of the session, in the order of the log. May lag behind the newest append. */
  latest(ref: SessionRef): Promise<readonly Stored[]>;

  /** The event at a position of this session, as the leader knows it; undefined where there is none (any more). */
  at(ref: SessionRef, position: number): Promise<Stored | undefined>;

  /** Up to `limit` events after a position, oldest first, by scanning: cheap near the end of the log, dear far from it. */
  scan(ref: SessionRef, after: number, limit: number): Promise<readonly Stored[]>;

  /** Calls back for each event after it is stored, at most once and without a promise: a doorbell that says what. */
  follow(match: Match, ring: (stored: Stored) => void): Following;

  /** Removes a session's events up to and including a position. */
  purge(ref: SessionRef, through: number): Promise<void>;
}
