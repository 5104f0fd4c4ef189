const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The wait before each attempt, counted from the one before, as Standard Webhooks proposes it: ten in three days. */
export const SCHEDULE: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Longer than all waits together. A reply that was not even tried by then answers nobody any more. */
export const TOO_LATE_MS = 80 * HOUR;

/** No answer of an endpoint can put off a reply for longer. */
const LONGEST_MS = 24 * HOUR;
const JITTER = 0.2;

/**
 * How long to wait after so many attempts; undefined when that was the last one. Never shorter than the endpoint asks
 * for, and up to a fifth longer than planned, so that what failed together does not come again together.
 *
 * @param chance from 0 to 1.
 */
export function waitAfter(
  attempts: number,
  schedule: readonly number[],
  retryAfterMs: number | undefined,
  chance: number,
): number | undefined {
  const planned = schedule[attempts];
  if (planned === undefined) return undefined;
  const asked = Math.min(retryAfterMs ?? 0, LONGEST_MS);
  return Math.round(Math.max(planned, asked) * (1 + JITTER * chance));
}
