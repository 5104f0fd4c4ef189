import type { EncoderKind } from './encoder.ts';

/** A file of a model that can be pulled. */
export interface PinnedFile {
  /** Within the model's folder, and within its repository. */
  readonly path: string;
  /** Undefined where nobody has told: any size up to 2 GB is taken. */
  readonly bytes: number | undefined;
  /** SHA-256. Undefined where nobody has told: the first pull pins what it gets, in `models.lock.json`. */
  readonly sha256: string | undefined;
}

/** A model that `turnstream models pull` knows by name. */
export interface PinnedModel {
  readonly name: string;
  /** `sherpa` and `whisper` recognise speech. */
  readonly kind: EncoderKind | 'sherpa' | 'whisper';
  readonly about: string;
  readonly licence: string;
  /** Where it comes from, and which commit of that. */
  readonly repository: string;
  readonly revision: string;
  readonly files: readonly PinnedFile[];
  /** Files that the repository lacks and that say how the model is used, in the form of sentence-transformers. */
  readonly settings: Readonly<Record<string, object>>;
}

const file = (path: string, bytes: number, sha256: string): PinnedFile => ({ path, bytes, sha256 });
const pooling = (by: 'cls' | 'mean') => ({
  '1_Pooling/config.json': { pooling_mode_cls_token: by === 'cls', pooling_mode_mean_tokens: by === 'mean' },
});

/**
 * The pinned list. Checksums and sizes were taken from public repositories that state them, and each of the weights'
 * checksums was found in several that do not know of one another (2026-11-20); they were not computed here, for want of
 * a way to the hub. A wrong one makes a pull fail, and never passes other bytes.
 */
export const MODELS: readonly PinnedModel[] = [
  {
    name: 'multilingual-minilm-l12-v2',
    kind: 'embedding',
    about: 'sentences in 50 languages, 384 numbers, 8-bit',
    licence: 'Apache-2.0',
    repository: 'Xenova/paraphrase-multilingual-MiniLM-L12-v2',
    revision: '2c4055b12046f11709e9df2c122e59ffbdc2f900',
    files: [
      file('config.json', 673, '05b570bff786faa5c4604152aa16f19f77ed6dfc31e47dd0f3dd987078693ac7'),
      file('tokenizer.json', 17_082_913, 'b60b6b43406a48bf3638526314f3d232d97058bc93472ff2de930d43686fa441'),
      file('tokenizer_config.json', 496, '3f5961b9ac86288cccdb97f32fb848d6187c78e1603958c53f3ea1f296b7d8a2'),
      file(
        'onnx/model_quantized.onnx',
        118_308_126,
        '66fc00f5f29afcaff34092e1bdd20008ca3918265a82fb9695a551e510cc4ebc',
      ),
    ],
    settings: { ...pooling('mean'), 'sentence_bert_config.json': { max_seq_length: 128 } },
  },
  {
    name: 'bge-small-zh-v1.5',
    kind: 'embedding',
    about: 'Chinese retrieval, 512 numbers, 8-bit',
    licence: 'MIT',
    repository: 'Xenova/bge-small-zh-v1.5',
    revision: '75c43b069aac4d136ba6bc1122f995fedcfd2781',
    files: [
      file('config.json', 716, 'd4193ead3a810fd694fa8a31d7fc72fbaebc0668b603e398734bf2f6538ff42f'),
      file('tokenizer.json', 439_125, '48cea5d44424912a6fd1ea647bf4fe50b55ab8b1e5879c3275f80e339e8fae26'),
      file('tokenizer_config.json', 367, 'e6f3b96db926a37d4039995fbf5ad17de158dfb8f6343d607e4dbaad18d75f5a'),
      file('onnx/model_quantized.onnx', 24_010_842, '15b717c382bcb518ba457b93ea6850ede7f4f1cd8937454aa06972366cd19bcc'),
    ],
    settings: {
      ...pooling('cls'),
      'config_sentence_transformers.json': { prompts: { query: '为这个句子生成表示以用于检索相关文章：' } },
    },
  },
  {
    name: 'bge-small-en-v1.5',
    kind: 'embedding',
    about: 'English retrieval, 384 numbers, 8-bit',
    licence: 'MIT',
    repository: 'Xenova/bge-small-en-v1.5',
    revision: 'ea104dacec62c0de699686887e3f920caeb4f3e3',
    files: [
      file('config.json', 683, 'fa73f90bf92c8cace1fbcb709626306f2bdbc9ea3e5b5f94b440df9b6aa56350'),
      file('tokenizer.json', 711_396, 'd241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66'),
      file('tokenizer_config.json', 366, '9261e7d79b44c8195c1cada2b453e55b00aeb81e907a6664974b4d7776172ab3'),
      file('onnx/model_quantized.onnx', 34_014_426, '6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4'),
    ],
    settings: {
      ...pooling('cls'),
      'config_sentence_transformers.json': {
        prompts: { query: 'Represent this sentence for searching relevant passages: ' },
      },
    },
  },
  {
    name: 'bge-reranker-base',
    kind: 'reranker',
    about: 'how well a passage answers, Chinese and English, 8-bit',
    licence: 'MIT',
    repository: 'Xenova/bge-reranker-base',
    revision: '280bcc27a84e0b898c251e06fddb25171bd9b101',
    files: [
      file('config.json', 782, 'b6575b9d5be20d6747417c8e20c5a0db1636356e0b6d422d7244c628423c4d4c'),
      file('tokenizer.json', 17_098_079, '48564c5c7d3fa64d85d95e65414a542385f88b0f128fd8d4163fd7a57f2be05c'),
      file('tokenizer_config.json', 443, 'a1d6bc8734a6f635dc158508bef000f8e2e5a759c7d92f984b2c86e5ff53425b'),
      file(
        'onnx/model_quantized.onnx',
        279_301_077,
        'dd98f3e67837d23210a6b7550c08cced4f61845b940ac45be3565840a10f3244',
      ),
    ],
    settings: {},
  },
];
