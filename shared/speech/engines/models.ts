import type { PinnedFile, PinnedModel } from '../../encoder/models.ts';
import type { SherpaKind } from './sherpa/folder.ts';

/** Nobody has told here what the files hold: the first pull pins what it gets. */
const files = (...paths: readonly string[]): readonly PinnedFile[] =>
  paths.map((path) => ({ path, bytes: undefined, sha256: undefined }));

/** What `turnstream.json` says, which the repositories lack. */
const about = (kind: SherpaKind, ...languages: readonly string[]) => ({ 'turnstream.json': { kind, languages } });

const transducer = (epoch: string) =>
  files(...['encoder', 'decoder', 'joiner'].map((part) => `${part}-epoch-${epoch}.int8.onnx`), 'tokens.txt');

/**
 * Recognisers of speech that `turnstream models pull` knows by name. Repositories and the names of files were read in
 * public listings of them (2026-11-20); checksums were not to be had, so the first pull pins them, and those whose
 * newest commit is not known either are taken from the branch.
 */
export const SPEECH_MODELS: readonly PinnedModel[] = [
  {
    name: 'zipformer-zh-en',
    kind: 'sherpa',
    about: 'streaming, Chinese and English mixed, 8-bit, 200 MB',
    licence: 'Apache-2.0',
    repository: 'csukuangfj/sherpa-onnx-streaming-zipformer-bilingual-zh-en-2023-02-20',
    revision: '2593e24a11dd3e49598925eafbe859d546895201',
    files: transducer('99-avg-1'),
    settings: about('streaming-transducer', 'zh', 'en'),
  },
  {
    name: 'zipformer-en',
    kind: 'sherpa',
    about: 'streaming, English, 8-bit, 73 MB',
    licence: 'Apache-2.0',
    repository: 'csukuangfj/sherpa-onnx-streaming-zipformer-en-2023-06-26',
    revision: '6d451ff8a325f985d70a3f69857c86ff3bd64ea4',
    files: transducer('99-avg-1-chunk-16-left-64'),
    settings: about('streaming-transducer', 'en'),
  },
  {
    name: 'zipformer-zh',
    kind: 'sherpa',
    about: 'streaming, Chinese, 8-bit, 73 MB',
    licence: 'Apache-2.0',
    repository: 'k2-fsa/sherpa-onnx-streaming-zipformer-multi-zh-hans-2023-12-12',
    revision: '7c21d52bea5e2f1a9fb334c4e584356716747601',
    files: transducer('20-avg-1-chunk-16-left-128'),
    settings: about('streaming-transducer', 'zh'),
  },
  {
    name: 'sense-voice-small',
    kind: 'sherpa',
    about: 'at the end of an utterance; Chinese, Cantonese, English, Japanese, Korean; 8-bit, 240 MB',
    licence: 'FunASR Model License 1.1',
    repository: 'csukuangfj/sherpa-onnx-sense-voice-zh-en-ja-ko-yue-2024-07-17',
    revision: 'main',
    files: files('model.int8.onnx', 'tokens.txt'),
    settings: about('sense-voice', 'zh', 'yue', 'en', 'ja', 'ko'),
  },
  ...(['tiny', 'base'] as const).map((size): PinnedModel => ({
    name: `whisper-${size}`,
    kind: 'whisper',
    about: `at the end of an utterance, 99 languages, 8-bit, ${size === 'tiny' ? 41 : 77} MB`,
    licence: 'MIT',
    repository: `Xenova/whisper-${size}`,
    revision: 'main',
    files: files(
      'config.json',
      'generation_config.json',
      'preprocessor_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'onnx/encoder_model_quantized.onnx',
      'onnx/decoder_model_merged_quantized.onnx',
    ),
    settings: {},
  })),
];
