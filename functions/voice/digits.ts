/** Keys that belong together, and why they end here. */
export interface Digits {
  readonly digits: string;
  readonly end: 'hash' | 'pause' | 'enough' | 'hung-up';
}

/** Collects the keys that a caller presses. Times by any clock that does not go back, milliseconds. */
export interface Collecting {
  /** A key; what it completes. */
  press(key: string, nowMs: number): Digits | undefined;
  /** What is complete because nothing followed in time. */
  due(nowMs: number): Digits | undefined;
  /** What there is, because nothing can follow any more. */
  hungUp(): Digits | undefined;
  /** Whether keys were pressed that are not complete. */
  readonly under: boolean;
}

/** More keys than anybody is asked for. */
const MOST = 64;
const KEYS = /^[0-9*#A-D]$/u;

/**
 * `#` ends a number and is no part of it, unless it stands alone. `enough`: how many keys the open question wants, where
 * that is known.
 */
export function collecting(betweenMs: number, enough: () => number | undefined): Collecting {
  let digits = '';
  let last = 0;
  const end = (why: Digits['end']): Digits | undefined => {
    if (digits === '') return undefined;
    const all = digits;
    digits = '';
    return { digits: all, end: why };
  };
  return {
    press(key, nowMs) {
      if (!KEYS.test(key)) return undefined;
      last = nowMs;
      if (key === '#' && digits !== '') return end('hash');
      digits += key;
      if (key === '#') return end('hash');
      return digits.length >= Math.min(enough() ?? MOST, MOST) ? end('enough') : undefined;
    },
    due: (nowMs) => (nowMs - last >= betweenMs ? end('pause') : undefined),
    hungUp: () => end('hung-up'),
    get under() {
      return digits !== '';
    },
  };
}
