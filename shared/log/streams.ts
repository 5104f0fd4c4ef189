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
/** Which model each bot understands with, told as events, and the one that each bot was published with. */
export const MODELS = 'MODELS';
/** The bytes of models, by their hash. */
export const ARTEFACTS = 'ARTEFACTS';
/** What models that are tried out would have answered. No channel reads it. */
export const SHADOW = 'SHADOW';
/** The articles of each tenant's bases, as what was published and withdrawn. */
export const KNOWLEDGE = 'KNOWLEDGE';
/** The sound of calls, for minutes. Never archived. */
export const AUDIO = 'AUDIO';
/** What is known of each call by whoever listens to it. */
export const HEARING = 'HEARING';
/** The sessions that wait for a person or are with one: one message for each, made from their decisions. */
export const DESK = 'DESK';
/** The tokens that each tenant has used up, day by day: counters of the server. */
export const SPENT = 'SPENT';

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
  MODELS,
  ARTEFACTS,
  SHADOW,
  KNOWLEDGE,
  AUDIO,
  HEARING,
  DESK,
  SPENT,
] as const;
