/** The stream that holds every conversation. */
export const CONVERSATIONS = 'CONV';
/** Messages that nobody could read, kept for operators. */
export const DEAD_LETTERS = 'DEAD';
/** Scheduled messages, and the ticks they turn into. */
export const TIMERS = 'TIMERS';
/** The content of bots, by hash. */
export const BOTS = 'BOTS';
