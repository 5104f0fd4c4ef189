/** Runs the model over whole recordings, chunk by chunk as in a call. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Tensor } from 'onnxruntime-node';
import type { DecoderConfig } from '../../shared/speech/decoder.ts';
import { openOnnx } from '../../shared/speech/onnx.ts';

/** What stands beside the model. */
export interface ModelConfig extends DecoderConfig {
  readonly sampleRate: number;
  readonly stateSize: number;
}

/** The settings beside a model. */
export const readConfig = (folder: URL): ModelConfig =>
  JSON.parse(readFileSync(new URL('config.json', folder), 'utf8')) as ModelConfig;

/** Gives the log probabilities of samples (-1 to 1), heard in chunks of so many samples, a multiple of 240. */
export async function loadListener(folder: URL, config: ModelConfig) {
  const session = await openOnnx(fileURLToPath(new URL('model.onnx', folder)));
  return async (samples: Float32Array, chunk = 2_400): Promise<Float32Array> => {
    let state = new Tensor('float32', new Float32Array(config.stateSize), [1, config.stateSize]);
    const heard: number[] = [];
    for (let at = 0; at + 240 <= samples.length; at += chunk) {
      const length = Math.floor(Math.min(chunk, samples.length - at) / 240) * 240;
      const audio = new Tensor('float32', samples.slice(at, at + length), [1, length]);
      const { logprobs, next_state } = await session.run({ audio, state });
      heard.push(...(logprobs?.data as Float32Array));
      state = next_state as typeof state;
    }
    return Float32Array.from(heard);
  };
}
