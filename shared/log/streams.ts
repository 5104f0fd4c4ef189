/** The stream that holds every conversation. */
export const CONVERSATIONS = 'CONV';
/** Where events stand that nobody could use, kept for operators. */
export const DEAD_LETTERS = 'DEAD';
/** Scheduled messages, and the ticks they turn into. */
export const TIMERS = 'TIMERS';
/** The content of bots, by hash. */
export const BOTS = 'BOTS';
/** The key of each session. Never archived or backed up with the log. */
export const KEYS = 'KEYS';
/** What the archive kept of each session that has left the log. */
export const DEPARTED = 'DEPARTED';
/** The books of the archive: what it is about to write for a tenant, and which objects hold a session. */
export const ARCHIVE = 'ARCHIVE';
/** Who erased which session when, and from where. */
export const RECEIPTS = 'RECEIPTS';
/** How often processes died over a delivery. */
export const SUSPECTS = 'SUSPECTS';

/** All of them. */
export const STREAMS = [
  CONVERSATIONS,
  DEAD_LETTERS,
  TIMERS,
  BOTS,
  KEYS,
  DEPARTED,
  ARCHIVE,
  RECEIPTS,
  SUSPECTS,
] as const;
