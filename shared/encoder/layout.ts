import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { EncoderKind, Pooling } from './encoder.ts';
import { modelInvalid } from './invalid.ts';

/** What the files of a model's folder say about it. */
export interface Layout {
  readonly dir: string;
  readonly kind: EncoderKind;
  /** Path of the weights within the folder. */
  readonly weights: string;
  readonly quantised: boolean;
  readonly hidden: number;
  readonly vocabulary: number;
  readonly maxTokens: number;
  readonly labels: readonly string[];
  readonly pooling: Pooling;
  /** Words that go before a text, by what it is. */
  readonly prefixes: { readonly query: string; readonly passage: string };
  /** The files that decide the result, within the folder. */
  readonly files: readonly string[];
}

/** More is never looked at, whatever a model says: the memory of a run grows with the square. */
const MAX_TOKENS = 512;
/** Above this, a file is none of a model's: tokenisers of 250,000 words take 17 MB, ONNX itself ends at 2 GB. */
const MAX_BYTES = { json: 1 << 20, tokenizer: 64 << 20, weights: 2 ** 31 - 1 } as const;
const WEIGHTS = ['onnx/model_quantized.onnx', 'onnx/model.onnx'] as const;
/** These models count positions from behind the padding's number. */
const OFFSET_POSITIONS: ReadonlySet<string> = new Set(['roberta', 'xlm-roberta', 'camembert', 'mpnet']);

const count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max));
const Config = v.looseObject({
  model_type: v.pipe(v.string(), v.minLength(1)),
  architectures: v.optional(v.array(v.string()), []),
  hidden_size: v.exactOptional(count(16_384)),
  dim: v.exactOptional(count(16_384)),
  vocab_size: count(4_000_000),
  max_position_embeddings: v.optional(count(1_000_000), 512),
  id2label: v.optional(v.record(v.string(), v.string()), {}),
});
const TokenizerConfig = v.looseObject({ model_max_length: v.optional(v.pipe(v.number(), v.minValue(8)), MAX_TOKENS) });
const PoolingConfig = v.looseObject({
  pooling_mode_cls_token: v.optional(v.boolean(), false),
  pooling_mode_mean_tokens: v.optional(v.boolean(), false),
});
const SentenceConfig = v.looseObject({ max_seq_length: v.nullish(v.pipe(v.number(), v.minValue(8))) });
const PromptsConfig = v.looseObject({ prompts: v.optional(v.record(v.string(), v.string()), {}) });

/**
 * Reads a folder in the Hugging Face layout (`config.json`, `tokenizer.json`, `tokenizer_config.json`, `onnx/`), with
 * the files of sentence-transformers where there are any. Without `1_Pooling/config.json` the mean is taken. Fails with
 * `model.invalid`, naming the file.
 */
export function readLayout(dir: string): Layout {
  const config = readJson(dir, 'config.json', Config);
  const tokenizer = readJson(dir, 'tokenizer_config.json', TokenizerConfig);
  checkSize(dir, 'tokenizer.json', MAX_BYTES.tokenizer);
  const weights = WEIGHTS.find((path) => sizeOf(dir, path) !== undefined);
  if (!weights) throw modelInvalid(WEIGHTS.join(' or '), 'is missing');
  checkSize(dir, weights, MAX_BYTES.weights);

  const pooling = readOptional(dir, '1_Pooling/config.json', PoolingConfig);
  const sentence = readOptional(dir, 'sentence_bert_config.json', SentenceConfig);
  const prompts = readOptional(dir, 'config_sentence_transformers.json', PromptsConfig)?.prompts ?? {};
  const hidden = config.hidden_size ?? config.dim;
  if (hidden === undefined) throw modelInvalid('config.json', 'has no hidden_size');

  const classifies = config.architectures.some((name) => name.endsWith('ForSequenceClassification'));
  const labels = classifies ? labelsOf(config.id2label) : [];
  const positions = config.max_position_embeddings - (OFFSET_POSITIONS.has(config.model_type) ? 2 : 0);
  return {
    dir,
    kind: !classifies ? 'embedding' : labels.length === 1 ? 'reranker' : 'classifier',
    weights,
    quantised: weights === WEIGHTS[0],
    hidden,
    vocabulary: config.vocab_size,
    maxTokens: Math.min(positions, tokenizer.model_max_length, sentence?.max_seq_length ?? MAX_TOKENS, MAX_TOKENS),
    labels,
    pooling: poolingOf(pooling),
    prefixes: { query: prompts['query'] ?? '', passage: prompts['passage'] ?? prompts['document'] ?? '' },
    files: [
      weights,
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      ...OPTIONAL.filter((path) => sizeOf(dir, path) !== undefined),
    ],
  };
}

const OPTIONAL = ['1_Pooling/config.json', 'sentence_bert_config.json', 'config_sentence_transformers.json'] as const;

function poolingOf(config: v.InferOutput<typeof PoolingConfig> | undefined): Pooling {
  if (!config || config.pooling_mode_mean_tokens) return 'mean';
  if (config.pooling_mode_cls_token) return 'cls';
  throw modelInvalid('1_Pooling/config.json', 'asks for a pooling other than mean and cls');
}

function labelsOf(byNumber: Readonly<Record<string, string>>): readonly string[] {
  const labels = Object.keys(byNumber).map((_, i) => byNumber[String(i)]);
  if (labels.length === 0) throw modelInvalid('config.json', 'classifies, and has no id2label');
  return labels.map((label) => {
    if (label === undefined) throw modelInvalid('config.json', 'numbers its labels with gaps');
    return label;
  });
}

function readOptional<S extends v.GenericSchema>(
  dir: string,
  path: (typeof OPTIONAL)[number],
  schema: S,
): v.InferOutput<S> | undefined {
  return sizeOf(dir, path) === undefined ? undefined : readJson(dir, path, schema);
}

function readJson<S extends v.GenericSchema>(dir: string, path: string, schema: S): v.InferOutput<S> {
  checkSize(dir, path, MAX_BYTES.json);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(join(dir, path), 'utf8'));
  } catch (cause) {
    throw modelInvalid(path, 'is not JSON', cause);
  }
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw modelInvalid(path, `${v.getDotPath(issue) ?? 'it'} is not what it must be (${issue.expected ?? issue.type})`);
}

function checkSize(dir: string, path: string, max: number): void {
  const bytes = sizeOf(dir, path);
  if (bytes === undefined) throw modelInvalid(path, 'is missing');
  if (bytes === 0) throw modelInvalid(path, 'is empty');
  if (bytes > max) throw modelInvalid(path, `has ${bytes} bytes, more than ${max}`);
}

/** Undefined where there is no such file. */
function sizeOf(dir: string, path: string): number | undefined {
  const found = statSync(join(dir, path), { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}
