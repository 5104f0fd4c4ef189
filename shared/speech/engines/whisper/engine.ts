import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { fingerprint } from '../../../encoder/fingerprint.ts';
import { modelInvalid } from '../../../encoder/invalid.ts';
import { loadLibrary } from '../../../encoder/library.ts';
import { checkOnnxFile } from '../../../encoder/onnx-file.ts';
import { toFloats } from '../../codecs.ts';
import type { Engine } from '../../engine.ts';
import { joined } from '../../intake.ts';
import { tidied } from '../remote.ts';

const RATE = 16_000;
const WINDOW_S = 30;
const SETTINGS = [
  'config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
];
const WEIGHTS = ['encoder_model', 'decoder_model_merged'];

const Config = v.object({ model_type: v.literal('whisper') });
const Generation = v.object({ is_multilingual: v.optional(v.boolean(), true) });

/**
 * A model of the Whisper family in the Hugging Face layout, with its weights in `onnx/` (those in 8 bits where they are
 * there), in this very process (`openApart` starts one). It hears an utterance once it is over; nothing is ever
 * fetched. Fails with `model.invalid` (never), naming the file.
 */
export async function openWhisper(dir: string): Promise<Engine> {
  await settings(dir, 'config.json', Config);
  const { is_multilingual: multilingual } = await settings(dir, 'generation_config.json', Generation);
  for (const name of SETTINGS) if (!existsSync(join(dir, name))) throw modelInvalid(name, 'is missing');
  const quantized = existsSync(join(dir, `onnx/${WEIGHTS[0] ?? ''}_quantized.onnx`));
  const weights = WEIGHTS.map((name) => `onnx/${name}${quantized ? '_quantized' : ''}.onnx`);
  for (const name of weights) {
    if (!existsSync(join(dir, name))) throw modelInvalid(name, 'is missing');
    checkOnnxFile(join(dir, name), name);
  }
  const hash = await fingerprint(dir, [...SETTINGS, ...weights]);
  const name = basename(resolve(dir));
  const library = await loadLibrary();
  library.env.localModelPath = dirname(resolve(dir));
  const options = { quantized, local_files_only: true } as const;
  const recognise = await library.pipeline('automatic-speech-recognition', name, options).catch((cause: unknown) => {
    throw modelInvalid(name, 'cannot be loaded as a Whisper model', cause);
  });
  return {
    capabilities: {
      model: `whisper/${name.replaceAll(/[^\w.-]/gu, '-').slice(0, 80)}@${hash.slice(0, 12)}`,
      languages: multilingual ? [] : ['en'],
      rate: RATE,
      streaming: false,
      state: 'cached',
      words: false,
    },
    begin: ({ locale }) => {
      let pieces: Int16Array[] = [];
      const language = locale.split('-', 1)[0]?.toLowerCase() ?? 'en';
      return Promise.resolve({
        hear(sound) {
          pieces.push(sound);
          return Promise.resolve('');
        },
        async finish() {
          const samples = pieces.reduce<Int16Array>(joined, new Int16Array(0));
          pieces = [];
          if (samples.length === 0) return { text: '', confidence: 1 };
          const long = samples.length > WINDOW_S * RATE;
          const { text } = await recognise(toFloats(samples), {
            ...(multilingual && ({ language, task: 'transcribe' } as const)),
            ...(long && { chunk_length_s: WINDOW_S }),
          });
          return { text: tidied(text), confidence: 1 };
        },
        save: () => undefined,
        close() {
          pieces = [];
        },
      });
    },
    close: () => Promise.resolve(),
  };
}

async function settings<T>(dir: string, name: string, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const text = await readFile(join(dir, name), 'utf8').catch((cause: unknown) => {
    throw modelInvalid(name, 'is missing', cause);
  });
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (!read.success) throw modelInvalid(name, `${v.getDotPath(read.issues[0]) ?? 'it'} is not that of a Whisper model`);
  return read.output;
}
