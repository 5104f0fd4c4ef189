import { basename, dirname, resolve } from 'node:path';
import type { Model, Tensor } from '@xenova/transformers';
import { PlatformError } from '../errors/index.ts';
import { batches } from './batches.ts';
import { modelInvalid } from './invalid.ts';
import type { Layout } from './layout.ts';
import { loadLibrary } from './library.ts';
import { useThreads } from './onnx-runtime.ts';
import { tokensOf, type Sequence, type Tokens } from './tokens.ts';

/** What a worker is asked to do. */
export type Task =
  | { readonly kind: 'embed'; readonly texts: readonly string[]; readonly as: 'query' | 'passage' }
  | { readonly kind: 'classify'; readonly text: string }
  | { readonly kind: 'rerank'; readonly query: string; readonly passages: readonly string[] };

/** A loaded model. Everything that it answers is rows of `dimension` numbers, one after the other. */
export interface Loaded {
  readonly dimension: number;
  readonly run: (task: Task) => Promise<Float32Array>;
  /** Runs what texts hardly ever come to: the last word of the vocabulary, and as many tokens as are promised. */
  readonly tryLimits: () => Promise<void>;
}

interface Output {
  readonly data: Float32Array;
  /** Batch, sequence where there is one, numbers. */
  readonly dims: readonly number[];
}

/**
 * Loads a model into this thread. The weights may be hostile: load in a process of its own first (check.ts). Fails with
 * `model.invalid`.
 */
export async function loadModel(layout: Layout, threads: number): Promise<Loaded> {
  const library = await loadLibrary();
  library.env.localModelPath = dirname(resolve(layout.dir));
  useThreads(threads);
  const name = basename(resolve(layout.dir));
  const options = { local_files_only: true, quantized: layout.quantised } as const;
  const tokenizer = await library.AutoTokenizer.from_pretrained(name, options).catch((cause: unknown) => {
    throw modelInvalid('tokenizer.json', 'cannot be used as a tokeniser', cause);
  });
  const auto = layout.kind === 'embedding' ? library.AutoModel : library.AutoModelForSequenceClassification;
  const model = await auto.from_pretrained(name, options).catch((cause: unknown) => {
    throw modelInvalid(layout.weights, `cannot be loaded (${reasonOf(cause)})`, cause);
  });
  const tokens = tokensOf(tokenizer, layout.maxTokens);
  const dimension = layout.kind === 'embedding' ? layout.hidden : layout.labels.length;
  const pad = tokenizer.pad_token_id ?? 0;
  const run = async (sequences: readonly Sequence[]) => {
    const rows = new Float32Array(sequences.length * dimension);
    const lengths = sequences.map(({ ids }) => ids.length);
    // Whole-number weights scale their inputs by the whole batch: in company, a text would get other numbers.
    for (const batch of batches(lengths, layout.quantised)) {
      const some = batch.map((place) => sequences[place]).filter((s) => s !== undefined);
      const found = await infer(model, some, pad, layout, library.Tensor);
      batch.forEach((place, i) => {
        rows.set(rowOf(found, i, some[i]?.ids.length ?? 0, dimension, layout), place * dimension);
      });
    }
    return rows;
  };
  const attempt = async (length: number, id: number, reason: string) => {
    const sequence = { ids: Array<number>(length).fill(id), types: Array<number>(length).fill(0) };
    await run([sequence]).catch((cause: unknown) => {
      throw cause instanceof PlatformError ? cause : modelInvalid(layout.weights, reason, cause);
    });
  };
  return {
    dimension,
    run: async (task) => finished(await run(sequencesOf(task, tokens, layout)), task, dimension),
    async tryLimits() {
      const last = Math.max(tokenizer.model.vocab.length, layout.vocabulary) - 1;
      await attempt(3, last, `knows fewer words than the ${last + 1} of tokenizer.json and config.json`);
      await attempt(layout.maxTokens, pad, `fails at ${layout.maxTokens} tokens, which config.json promises`);
    },
  };
}

function sequencesOf(task: Task, tokens: Tokens, { prefixes }: Layout): readonly Sequence[] {
  switch (task.kind) {
    case 'embed':
      return task.texts.map((text) => tokens.single(tokens.bare(prefixes[task.as] + text)));
    case 'classify':
      return [tokens.single(tokens.bare(task.text))];
    case 'rerank': {
      const query = tokens.bare(task.query);
      return task.passages.map((passage) => tokens.pair(query, tokens.bare(passage)));
    }
  }
}

async function infer(
  model: Model,
  batch: readonly Sequence[],
  pad: number,
  { kind, weights }: Layout,
  TensorOf: typeof Tensor,
): Promise<Output> {
  const longest = Math.max(...batch.map(({ ids }) => ids.length));
  const tensor = (numbers: (sequence: Sequence) => readonly number[], padding: number) => {
    const data = new BigInt64Array(batch.length * longest).fill(BigInt(padding));
    batch.forEach((sequence, i) => {
      numbers(sequence).forEach((n, k) => (data[i * longest + k] = BigInt(n)));
    });
    return new TensorOf('int64', data, [batch.length, longest]);
  };
  const output = await model({
    input_ids: tensor(({ ids }) => ids, pad),
    attention_mask: tensor(({ ids }) => ids.map(() => 1), 0),
    token_type_ids: tensor(({ types }) => types, 0),
  });
  const found = kind === 'embedding' ? (output['last_hidden_state'] ?? output['token_embeddings']) : output['logits'];
  if (!found) throw modelInvalid(weights, 'gives none of the outputs that its kind has');
  if (!(found.data instanceof Float32Array)) throw modelInvalid(weights, `gives numbers of the type ${found.type}`);
  return { data: found.data, dims: found.dims };
}

/** The numbers of one text: pooled over its own tokens, without the padding. */
function rowOf(
  { data, dims }: Output,
  i: number,
  length: number,
  dimension: number,
  { kind, pooling, weights }: Layout,
): Float32Array {
  const wide = dims[dims.length - 1] ?? 0;
  const expected = kind === 'embedding' ? 3 : 2;
  if (wide !== dimension || dims.length !== expected) {
    throw modelInvalid('config.json', `promises ${dimension} numbers, and ${weights} gives ${dims.join(' x ')}`);
  }
  if (kind !== 'embedding') return data.subarray(i * wide, (i + 1) * wide);
  const start = i * (dims[1] ?? 0) * wide;
  if (pooling === 'cls') return data.subarray(start, start + wide);
  return Float32Array.from({ length: wide }, (_, k) => {
    let sum = 0;
    for (let t = 0; t < length; t++) sum += data[start + t * wide + k] ?? 0;
    return sum / length;
  });
}

/** Vectors to length 1, labels to probabilities; scores stay what they are. */
function finished(rows: Float32Array, task: Task, dimension: number): Float32Array {
  if (task.kind === 'rerank') return rows;
  for (let at = 0; at < rows.length; at += dimension) {
    const row = rows.subarray(at, at + dimension);
    if (task.kind === 'embed') scale(row, Math.hypot(...row));
    else {
      const highest = Math.max(...row);
      row.forEach((logit, k) => (row[k] = Math.exp(logit - highest)));
      scale(
        row,
        row.reduce((sum, power) => sum + power, 0),
      );
    }
  }
  return rows;
}

function scale(row: Float32Array, by: number): void {
  row.forEach((n, k) => (row[k] = by > 0 ? n / by : 0));
}

/** The first words of what the runtime says: about the model, never about a text. */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return (text.split('\n')[0] ?? '').slice(0, 160);
}
