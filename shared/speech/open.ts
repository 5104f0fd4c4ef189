import type { Engine } from './engine.ts';
import { INNER_KINDS } from './engines/inner.ts';

/** What opening an engine may need beside the folder or the address. */
export interface Opening {
  /** For servers that want one. */
  readonly key?: string | undefined;
}

type Open = (where: string, opening: Opening) => Promise<Engine>;

const apart =
  (kind: (typeof INNER_KINDS)[number]): Open =>
  async (where) =>
    (await import('./engines/apart.ts')).openApart(kind, where);

/** How each kind of engine is opened, from a folder or an address. What it needs is loaded then. */
const OPENERS = {
  small: async (where) => (await import('./small/engine.ts')).openSmallEngine(where),
  sherpa: apart('sherpa'),
  whisper: apart('whisper'),
  vosk: async (where) => (await import('./engines/vosk.ts')).openVosk(where),
  funasr: async (where) => (await import('./engines/funasr.ts')).openFunasr(where),
  openai: async (where, { key }) => (await import('./engines/openai.ts')).openOpenai(where, key),
} as const satisfies Readonly<Record<string, Open>>;

export type EngineKind = keyof typeof OPENERS;
export const ENGINE_KINDS = Object.keys(OPENERS) as readonly EngineKind[];

const REMOTE: ReadonlySet<EngineKind> = new Set(['vosk', 'funasr', 'openai']);
/** Whether it is on another machine: there is nothing here that could be checked, and it may be started later. */
export const isRemote = (kind: EngineKind): boolean => REMOTE.has(kind);

/** Opens an engine without a check: `checkEngine` comes first. Fails with `model.invalid` (never). */
export const openEngine = (kind: EngineKind, where: string, opening: Opening = {}): Promise<Engine> =>
  OPENERS[kind](where, opening);

/** Opens it in this process, which is there for nothing else and may end with it. Fails with `model.invalid` (never). */
export const openHere = async (kind: EngineKind, where: string, opening: Opening = {}): Promise<Engine> => {
  const inner = INNER_KINDS.find((known) => known === kind);
  return inner ? (await import('./engines/inner.ts')).openInner(inner, where) : openEngine(kind, where, opening);
};
