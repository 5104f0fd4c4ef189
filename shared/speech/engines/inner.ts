import type { Engine } from '../engine.ts';

/** Engines whose native code is not trusted with the process that uses them, and how each is opened from a folder. */
const OPENERS = {
  sherpa: async (dir: string) => (await import('./sherpa/engine.ts')).openSherpa(dir),
  whisper: async (dir: string) => (await import('./whisper/engine.ts')).openWhisper(dir),
} as const;

export type InnerKind = keyof typeof OPENERS;
export const INNER_KINDS = Object.keys(OPENERS) as readonly InnerKind[];

/** Opens it in this very process, which has nothing else to lose. Fails with `model.invalid` (never). */
export const openInner = (kind: InnerKind, dir: string): Promise<Engine> => OPENERS[kind](dir);
