import type { Counters } from '../../shared/log/counters.ts';

/** Counts what each tenant uses up in a day. */
export type Budget = Counters;

/** The day that a moment belongs to, UTC. */
export const dayOf = (now: Date): string => now.toISOString().slice(0, 10);
