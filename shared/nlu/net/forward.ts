import { createArena, padded, type Arena, type Matrix } from './arena.ts';
import { mixed } from './ensemble.ts';
import { inputsOf, pooledOf, type Encoder, type Layer, type Weights } from './shape.ts';
import { softmaxOf } from './softmax.ts';
import { features, MOST_TOKENS, type Features } from './tokens.ts';

/** A net ready to answer: probabilities of its intents, in their order, that add up to 1. */
export type NetScorer = (text: string) => Float32Array;

/**
 * Makes a net ready to answer, one text at a time and without waiting; not to be shared between threads. The same sums
 * as in training (`network.ts`), on 8-bit rows as they are stored.
 */
export function createScorer(weights: Weights): NetScorer {
  const { bits } = weights.shape;
  const score = scorerOf(weights);
  return (text) => score(features(text, bits));
}

function scorerOf(weights: Weights): (text: Features) => Float32Array {
  const { shape, intents, beside } = weights;
  const columns = padded(intents.length);
  const { arena, sentenceOf } = sentencesOf(weights, weights.head.weights.length + columns);
  const head = filled(arena.matrix(pooledOf(shape), columns), weights.head.weights);
  const output = arena.matrix(1, columns);
  const alone = (text: Features): Float32Array => {
    const sentence = sentenceOf(text);
    output.values.set(weights.head.bias);
    arena.product(sentence.at, 0, 4, head.at, columns * 4, output.at, 0, 1, sentence.columns, columns);
    return softmaxOf(output.values.subarray(0, intents.length));
  };
  const other = beside && scorerOf(beside);
  return other ? (text) => mixed(alone(text), other(text), 0.5) : alone;
}

/** What the head sees of a text (`pooledOf` numbers), one text at a time: each call overwrites what the last one gave. */
export function createSentences(encoder: Encoder): (text: string) => Float32Array {
  const { sentenceOf } = sentencesOf(encoder, 0);
  return (text) => sentenceOf(features(text, encoder.shape.bits)).values;
}

function sentencesOf(
  encoder: Encoder,
  room: number,
): { readonly arena: Arena; readonly sentenceOf: (text: Features) => Matrix } {
  const { shape, table } = encoder;
  const { dim, hidden } = shape;
  const arena = createArena(floatsOf(encoder) + room);
  const input = arena.matrix(MOST_TOKENS + 2, dim);
  const layers = encoder.convolutions.map((layer, i) => ({
    weights: filled(arena.matrix(inputsOf(shape, i), hidden), layer.weights),
    bias: layer.bias,
    output: arena.matrix(MOST_TOKENS + 2, hidden),
  }));
  const sentence = arena.matrix(1, pooledOf(shape));

  /** Sums of table rows, a row for each token between two rows of zeros; gives how many there are. */
  function embed({ rows, counts }: Features): number {
    const values = input.values.fill(0, 0, (counts.length + 2) * dim);
    let at = 0;
    counts.forEach((count, token) => {
      const start = (token + 1) * dim;
      const root = 1 / Math.sqrt(count);
      for (const end = at + count; at < end; at += 1) {
        const row = rows[at] as number;
        const factor = root * (table.factors[row] as number);
        const from = row * dim;
        for (let d = 0; d < dim; d += 1)
          values[start + d] = (values[start + d] as number) + factor * (table.values[from + d] as number);
      }
    });
    return counts.length;
  }

  function convolve(before: Matrix, layer: (typeof layers)[number], length: number, residual: boolean): void {
    const { output: after, bias } = layer;
    for (let r = 1; r <= length; r += 1) after.values.set(bias, r * hidden);
    const { at, columns: width } = before;
    arena.product(
      at,
      width * 4,
      4,
      layer.weights.at,
      hidden * 4,
      after.at + hidden * 4,
      hidden * 4,
      length,
      3 * width,
      hidden,
    );
    for (let i = hidden; i < (length + 1) * hidden; i += 1) {
      const active = Math.max(0, after.values[i] as number);
      after.values[i] = residual ? active + (before.values[i] as number) : active;
    }
    after.values.fill(0, (length + 1) * hidden, (length + 2) * hidden);
  }

  function pool(last: Matrix, length: number): void {
    const values = sentence.values.fill(0);
    for (let r = 1; r <= length; r += 1) {
      for (let h = 0; h < hidden; h += 1) {
        const value = last.values[r * hidden + h] as number;
        if (value > (values[h] as number)) values[h] = value;
        values[hidden + h] = (values[hidden + h] as number) + value;
      }
      for (let d = 0; d < dim; d += 1)
        values[2 * hidden + d] = (values[2 * hidden + d] as number) + (input.values[r * dim + d] as number);
    }
    const root = 1 / Math.sqrt(length);
    for (let i = hidden; i < values.length; i += 1) values[i] = (values[i] as number) * root;
  }

  return {
    arena,
    sentenceOf(text) {
      const length = embed(text);
      let before = input;
      for (const [i, layer] of layers.entries()) {
        convolve(before, layer, length, i > 0);
        before = layer.output;
      }
      pool(before, length);
      return sentence;
    },
  };
}

function filled(matrix: Matrix, values: Float32Array): Matrix {
  matrix.values.set(values);
  return matrix;
}

function floatsOf({ shape, convolutions }: Encoder): number {
  const inner = (layer: Layer) => layer.weights.length + (MOST_TOKENS + 2) * shape.hidden + 32;
  const layers = convolutions.reduce((sum, layer) => sum + inner(layer), 0);
  return layers + (MOST_TOKENS + 2) * shape.dim + pooledOf(shape) + 5 * 16;
}
