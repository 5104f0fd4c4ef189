import type { EventId } from '../../events/envelope.ts';

/**
 * The name of a mark: it says by itself what was heard up to there, also to a process that has not sent it. `serial`
 * keeps apart what is said twice.
 */
export const markName = (of: EventId, ms: number, serial: number): string => `${of}-${Math.round(ms)}-${serial}`;

/** How much of something was heard, in milliseconds, by the name of a mark; undefined: the mark says nothing of it. */
export function heardOf(mark: string | undefined, of: EventId): number | undefined {
  const [, id, ms] = /^(\w{26})-(\d{1,8})-\d+$/u.exec(mark ?? '') ?? [];
  return id === of ? Number(ms) : undefined;
}
