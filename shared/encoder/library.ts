import { registerHooks } from 'node:module';
import type * as transformers from '@xenova/transformers';
import { entryOf } from './entry.ts';

type Library = typeof transformers;

let library: Promise<Library> | undefined;

/**
 * Loads @xenova/transformers so that it works offline and with the project's own ONNX runtime. Only for threads and
 * processes that do nothing else: what the package prints may quote what customers said, so the console falls silent,
 * and `fetch` is taken away, so that no setting of a model can make it ask the network.
 */
export function loadLibrary(): Promise<Library> {
  library ??= importIt();
  return library;
}

async function importIt(): Promise<Library> {
  silence();
  globalThis.fetch = () => Promise.reject(new Error('models are local'));
  registerHooks({
    resolve(specifier, context, next) {
      const instead = context.parentURL?.includes('/@xenova/transformers/') ? INSTEAD[specifier] : undefined;
      return instead === undefined ? next(specifier, context) : { url: instead, shortCircuit: true };
    },
  });
  const loaded = await import('@xenova/transformers');
  loaded.env.allowRemoteModels = false;
  loaded.env.useFSCache = false;
  loaded.env.useBrowserCache = false;
  return loaded;
}

/** `sharp` reads images, which are none of ours, and would download a binary when it is installed. */
const INSTEAD: Readonly<Record<string, string>> = {
  'onnxruntime-node': entryOf('onnx-runtime').href,
  'onnxruntime-web': 'data:text/javascript,export default undefined',
  sharp: 'data:text/javascript,export default () => { throw new Error("no images") }',
};

function silence(): void {
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) console[method] = () => undefined;
}
