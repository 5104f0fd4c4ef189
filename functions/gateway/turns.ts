import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { endingOf } from '../../shared/runtime/place.ts';
import type { Quota } from './limits.ts';
import type { Watch } from './watch.ts';

/** A turn that was accepted here and has not ended. */
interface Turn {
  readonly id: string;
  readonly ref: SessionRef;
  readonly quota: Quota;
  readonly since: number;
  /** The position of its utterance; 0 while that is being stored. */
  position: number;
  /** When this process looks by itself. */
  lookAt: number;
  waiters: readonly Waiter[];
}

interface Waiter {
  readonly until: number;
  readonly settle: (ending: Stored | undefined) => void;
}

/** The turns that are under way here. */
export interface Turns {
  /**
   * Expects an ending, from before the utterance is stored, so that none is missed. Resolves with undefined when
   * `waitMs` have passed, and at once for 0.
   */
  expect(id: string, ref: SessionRef, quota: Quota, waitMs: number): Promise<Stored | undefined>;
  /** Its utterance stands at this position; `before`: it stood there already, so it may have ended. */
  accepted(id: string, position: number, before: boolean): void;
  /** Its utterance was not stored. */
  cancel(id: string): void;
  /** Takes note of an ending. */
  ended(ending: Stored): void;
  /** Looks after what is due. */
  tick(): void;
  /** How many are under way. */
  readonly size: number;
  /** Lets everybody who waits go without an ending. */
  release(): void;
}

/** A turn that nobody waits for is only kept for its tenant's quota. */
const IDLE_LOOK_MS = 30_000;
const FORGET_MS = 10 * 60_000;
/** A crowd that waits must not keep the log from answering. */
const LOOKS_AT_A_TIME = 16;

/** Keeps the turns of this process, until they end. */
export function turnsOf(log: Log, watch: Watch, lookMs: number, now: () => number): Turns {
  const turns = new Map<string, Turn>();
  let looks = 0;

  const finish = (turn: Turn, ending: Stored | undefined) => {
    turns.delete(turn.id);
    turn.quota.turns--;
    for (const { settle } of turn.waiters) settle(ending);
  };
  const report = (turn: Turn, ending: string) => {
    watch.turn(ending, now() - turn.since);
  };
  const look = async (turn: Turn): Promise<void> => {
    looks++;
    try {
      const ending = endingOf(turn.id, await readSession(log, turn.ref, { after: turn.position }));
      if (!ending || turns.get(turn.id) !== turn) return;
      report(turn, ending.envelope.type);
      finish(turn, ending);
    } catch {
      // The log is away: the next look may find it.
    } finally {
      looks--;
    }
  };
  const check = (turn: Turn, at: number) => {
    for (const { until, settle } of turn.waiters) if (until <= at) settle(undefined);
    if (turn.waiters.length > 0) turn.waiters = turn.waiters.filter(({ until }) => until > at);
    if (at - turn.since > FORGET_MS) {
      report(turn, 'unknown');
      finish(turn, undefined);
    } else if (turn.position > 0 && turn.lookAt <= at && looks < LOOKS_AT_A_TIME) {
      turn.lookAt = at + (turn.waiters.length > 0 ? lookMs : IDLE_LOOK_MS);
      void look(turn);
    }
  };

  return {
    expect(id, ref, quota, waitMs) {
      const at = now();
      let turn = turns.get(id);
      if (!turn) {
        turn = { id, ref, quota, since: at, position: 0, lookAt: at + lookMs, waiters: [] };
        quota.turns++;
        turns.set(id, turn);
      }
      if (waitMs <= 0) return Promise.resolve(undefined);
      const { waiters } = turn;
      const expecting = turn;
      return new Promise((settle) => {
        expecting.waiters = [...waiters, { until: at + waitMs, settle }];
      });
    },
    accepted(id, position, before) {
      const turn = turns.get(id);
      if (!turn) return;
      turn.position = position;
      if (before) void look(turn);
    },
    cancel(id) {
      const turn = turns.get(id);
      if (turn?.position === 0) finish(turn, undefined);
    },
    ended(ending) {
      const turn = turns.get(ending.envelope.turn ?? '');
      if (!turn) return;
      report(turn, ending.envelope.type);
      finish(turn, ending);
    },
    tick() {
      const at = now();
      for (const turn of turns.values()) check(turn, at);
    },
    get size() {
      return turns.size;
    },
    release() {
      for (const turn of turns.values()) {
        for (const { settle } of turn.waiters) settle(undefined);
        turn.waiters = [];
      }
    },
  };
}
