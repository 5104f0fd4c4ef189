import { PlatformError } from '../../../errors/index.ts';
import { toFloats } from '../../codecs.ts';
import type { Engine, Recognition, Transcript } from '../../engine.ts';
import { tidied } from '../remote.ts';
import { readSherpaFolder, sherpaConfig } from './folder.ts';
import { loadSherpa, type OfflineRecognizer, type OnlineRecognizer, type SherpaStream } from './library.ts';
import { wordsOf } from './words.ts';

const RATE = 16_000;
/** Silence after the end that brings out what a streaming model still holds. */
const FLUSH_MS = 800;
/** Shorter sounds end some models' native code with a read beyond their end: silence is put after them. */
const SHORTEST_MS = 500;

/**
 * A model of sherpa-onnx, from a folder, in this very process: native code that does not like its model ends the
 * process, so this runs in one of its own (`openApart`). Fails with `model.invalid` (never).
 */
export async function openSherpa(dir: string): Promise<Engine> {
  const folder = await readSherpaFolder(dir);
  const { streaming, config } = sherpaConfig(folder);
  const sherpa = loadSherpa();
  const begin = streaming
    ? streams(made(() => new sherpa.OnlineRecognizer(config)))
    : wholes(made(() => new sherpa.OfflineRecognizer(config)));
  const { model, languages } = folder;
  return {
    capabilities: { model, languages, rate: RATE, streaming, state: 'cached', words: false },
    begin: () => Promise.resolve().then(begin),
    // The library has no way to free a model; the process that holds it ends.
    close: () => Promise.resolve(),
  };
}

function made<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const message = 'sherpa-onnx cannot load the model';
    throw new PlatformError('model.invalid', message, { retry: 'never', cause });
  }
}

const accept = (stream: SherpaStream, sound: Int16Array) => {
  if (sound.length > 0) stream.acceptWaveform({ samples: toFloats(sound), sampleRate: RATE });
};
const silence = (ms: number) => new Int16Array((RATE / 1_000) * ms);
const msOf = (samples: number) => Math.round((samples * 1_000) / RATE);

/** Utterances that are decoded while they come. */
const streams = (recognizer: OnlineRecognizer) => (): Recognition => {
  const stream = recognizer.createStream();
  let samples = 0;
  const decoded = () => {
    while (recognizer.isReady(stream)) recognizer.decode(stream);
    return recognizer.getResult(stream);
  };
  return {
    hear(sound) {
      accept(stream, sound);
      samples += sound.length;
      return Promise.resolve(tidied(decoded().text));
    },
    finish() {
      if (samples === 0) return Promise.resolve(NOTHING);
      accept(stream, silence(FLUSH_MS));
      stream.inputFinished();
      const result = decoded();
      const words = wordsOf(result, msOf(samples));
      return Promise.resolve({ text: tidied(result.text), confidence: 1, ...(words && { words }) });
    },
    save: () => undefined,
    close: () => undefined,
  };
};

/** Utterances that are decoded once they are over. */
const wholes = (recognizer: OfflineRecognizer) => (): Recognition => {
  const stream = recognizer.createStream();
  let samples = 0;
  return {
    hear(sound) {
      accept(stream, sound);
      samples += sound.length;
      return Promise.resolve('');
    },
    finish() {
      if (samples === 0) return Promise.resolve(NOTHING);
      accept(stream, silence(Math.max(0, SHORTEST_MS - msOf(samples))));
      recognizer.decode(stream);
      return Promise.resolve({ text: tidied(recognizer.getResult(stream).text), confidence: 1 });
    },
    save: () => undefined,
    close: () => undefined,
  };
};

const NOTHING: Transcript = { text: '', confidence: 1 };
