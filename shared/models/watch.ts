/** Told what becomes of models in a running function. */
export interface ModelWatch {
  /** A bot's sessions are understood by this model from now on; `how` it came, and how long that took. */
  serves(bot: string, model: string, how: 'stored' | 'trained-here', ms: number): void;
  /** A model cannot be used; what served before goes on. `code` and message of the error say why. */
  refused(bot: string, model: string, error: unknown): void;
  /** There is no model for a bot yet: it is trained here. */
  trains(bot: string): void;
  /** An utterance was understood by the linear model alone, or had to go on to the net. */
  readonly understood: (by: 'linear' | 'net') => void;
}

/** Watches nothing. */
export const unwatchedModels: ModelWatch = {
  serves: () => undefined,
  refused: () => undefined,
  trains: () => undefined,
  understood: () => undefined,
};

/** Where a session stands among all, from 0 to 1: always the same, and another for each bot's tenant. */
export function shareOf(session: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < session.length; i++) hash = Math.imul(hash ^ session.charCodeAt(i), 0x01000193);
  // FNV's low bits are its better ones.
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  return (hash >>> 0) / 2 ** 32;
}
