/** The stream that holds every conversation. */
export const CONVERSATIONS = 'CONV';
/** Where events stand that nobody could use, kept for operators. */
export const DEAD_LETTERS = 'DEAD';
/** Scheduled messages, and the ticks they turn into. */
export const TIMERS = 'TIMERS';
/** The content of bots, by hash. */
export const BOTS = 'BOTS';

/** All of them. */
export const STREAMS = [CONVERSATIONS, DEAD_LETTERS, TIMERS, BOTS] as const;
