import { resolve } from 'node:path';
import { PlatformError } from '../../errors/index.ts';
import type { Engine, EngineCapabilities, Transcript } from '../engine.ts';
import { startChild, type Child, type ChildOptions } from './child.ts';
import type { InnerKind } from './inner.ts';

/** What the process is told; each is answered once, under its number. */
export type Ask = { readonly id: number; readonly recognition: number } & (
  | { readonly kind: 'begin'; readonly locale: string }
  | { readonly kind: 'hear'; readonly sound: Int16Array }
  | { readonly kind: 'finish' }
  | { readonly kind: 'close' }
);

/**
 * An engine in a process of its own, so that whatever becomes of it takes nothing with it: its utterances fail, and the
 * next one starts it again. Fails with `model.invalid` (never).
 */
export async function openApart(kind: InnerKind, dir: string, options: ChildOptions = {}): Promise<Engine> {
  const start = () => startChild<EngineCapabilities>(entry(), [kind, resolve(dir)], 'asr', options);
  let current = start();
  let closed = false;
  let recognitions = 0;
  const { ready: capabilities } = await current;

  const running = async (): Promise<Child<EngineCapabilities>> => {
    const before = await current.catch(() => undefined);
    if (closed) throw unavailable('was put away');
    if (before && !before.isGone()) return before;
    current = start();
    current.catch(() => undefined);
    return current;
  };
  return {
    capabilities,
    async begin({ locale }) {
      const at = await running();
      // Files that were exchanged meanwhile are another model: it comes with the next start of the whole process.
      if (at.ready.model !== capabilities.model) throw unavailable('has another model now');
      const recognition = ++recognitions;
      await at.ask({ kind: 'begin', recognition, locale });
      let isOpen = true;
      return {
        hear: async (sound, signal) => (await at.ask({ kind: 'hear', recognition, sound }, signal)) as string,
        finish: async (signal) => (await at.ask({ kind: 'finish', recognition }, signal)) as Transcript,
        save: () => undefined,
        close() {
          if (isOpen && !at.isGone()) at.ask({ kind: 'close', recognition }).catch(() => undefined);
          isOpen = false;
        },
      };
    },
    async close() {
      closed = true;
      const last = await current.catch(() => undefined);
      await last?.kill();
    },
  };
}

const unavailable = (why: string) =>
  new PlatformError('asr.unavailable', `the recogniser ${why}`, { retry: 'later', retryAfterMs: 1_000 });

const entry = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './apart-process.ts' : './speech-engine.js', import.meta.url);
