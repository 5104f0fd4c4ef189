import type { Engine } from './engine.ts';

/** How each kind of engine is opened, from a folder or an address. What it needs is loaded then. */
const OPENERS = {
  small: async (where: string) => (await import('./small/engine.ts')).openSmallEngine(where),
} as const;

export type EngineKind = keyof typeof OPENERS;
export const ENGINE_KINDS = Object.keys(OPENERS) as readonly EngineKind[];

/** Opens an engine without a check: `checkEngine` comes first. Fails with `model.invalid` (never). */
export const openEngine = (kind: EngineKind, where: string): Promise<Engine> => OPENERS[kind](where);
