import { resolve } from 'node:path';
import { startChild, type Child, type ChildOptions } from '../engines/child.ts';
import { fromFloats } from '../codecs.ts';
import { readVoiceFolder } from './sherpa-folder.ts';
import type { Voice } from './voice.ts';

/** What the process is told, and answers with. */
export interface SayThis {
  readonly id: number;
  readonly text: string;
}
export interface Said {
  readonly rate: number;
  readonly samples: Float32Array;
}

/**
 * A voice of sherpa-onnx (VITS, so Piper's too, and Kokoro), from a folder, in a process of its own that is started with
 * the first sentence, and again where it was lost. Fails with `model.invalid` (never) where the folder has no voice.
 */
export function sherpaVoice(dir: string, options: ChildOptions = {}): Voice & { readonly close: () => Promise<void> } {
  const { name } = readVoiceFolder(dir);
  let current: Promise<Child<string>> | undefined;
  const running = async (): Promise<Child<string>> => {
    const before = await current?.catch(() => undefined);
    if (before && !before.isGone()) return before;
    current = startChild<string>(entry(), [resolve(dir)], 'tts', options);
    return current;
  };
  return {
    name,
    async say(text, _locale, signal) {
      const at = await running();
      const { rate, samples } = (await at.ask({ text }, signal)) as Said;
      return { rate, samples: fromFloats(samples) };
    },
    async close() {
      const last = await current?.catch(() => undefined);
      await last?.kill();
    },
  };
}

const entry = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './sherpa-process.ts' : './speech-voice.js', import.meta.url);
