import CircuitBreaker from 'opossum';
import { LRUCache } from 'lru-cache';
import { PlatformError } from '../errors/index.ts';

export interface BreakerOptions {
  /** Calls within the window before anything is concluded. Without it, opossum opens at the first failure. */
  readonly volumeThreshold: number;
  /** How long nothing is tried; then one call goes through and decides. */
  readonly resetMs: number;
  /** Calls that are counted together; longer than a time limit of a call, so that calls that time out add up. */
  readonly windowMs: number;
}

/** An endpoint that fails five times, and more often than not, is left alone for half a minute. */
const DEFAULTS: BreakerOptions = { volumeThreshold: 5, resetMs: 30_000, windowMs: 60_000 };
const BUCKETS = 6;
const FAILURE_PERCENTAGE = 50;
const REMEMBERED = 10_000;

/**
 * Runs calls to things that may be dead, each under the breaker of its key. A call that throws counts as a failure.
 * Fails with `egress.circuit-open` (later, after the rest of the pause at most) without running the call.
 */
export type Guard = <T>(key: string, call: () => Promise<T>) => Promise<T>;

/** What a breaker does with the next call: lets it through, tries one of them, or refuses it. */
export type BreakerState = 'closed' | 'half-open' | 'open';

/** A guard that tells how its breakers stand. */
export type Breakers = Guard & {
  readonly stateOf: (key: string) => BreakerState;
  /** How many refuse calls, or try one of them. */
  readonly open: () => number;
};

/** Takes note of breakers, to be asked from time to time; `of`: what they stand before. */
export type WatchBreakers = (of: string, open: Breakers['open']) => void;

/**
 * One breaker for each key, so that a dead endpoint costs nothing and no other endpoint notices. Calls limit their own
 * time: a limit of the breaker's would give up waiting and leave the request running. Breakers belong to a process; the
 * others find out by themselves.
 */
export function breakers(options: Partial<BreakerOptions> = {}): Breakers {
  const { volumeThreshold, resetMs, windowMs } = { ...DEFAULTS, ...options };
  const known = new LRUCache<string, CircuitBreaker<[() => Promise<unknown>]>>({
    max: REMEMBERED,
    dispose: (breaker) => {
      breaker.shutdown();
    },
  });
  const breakerOf = (key: string) => {
    const existing = known.get(key);
    if (existing) return existing;
    const breaker = new CircuitBreaker((call: () => Promise<unknown>) => call(), {
      timeout: false,
      volumeThreshold,
      resetTimeout: resetMs,
      errorThresholdPercentage: FAILURE_PERCENTAGE,
      rollingCountTimeout: windowMs,
      rollingCountBuckets: BUCKETS,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    });
    known.set(key, breaker);
    return breaker;
  };

  const guard: Guard = async <T>(key: string, call: () => Promise<T>) => {
    try {
      return (await breakerOf(key).fire(call)) as T;
    } catch (cause) {
      if (!CircuitBreaker.isOurError(cause as Error)) throw cause;
      const message = 'the endpoint has failed too often lately';
      throw new PlatformError('egress.circuit-open', message, { retry: 'later', retryAfterMs: resetMs, cause });
    }
  };
  const stateOf = (key: string): BreakerState => {
    const breaker = known.peek(key);
    if (!breaker || breaker.closed) return 'closed';
    return breaker.halfOpen ? 'half-open' : 'open';
  };
  const open = () => [...known.values()].filter(({ closed }) => !closed).length;
  return Object.assign(guard, { stateOf, open });
}
