import { createArena, padded, type Matrix } from './arena.ts';
import { batchOf, QUIET, type Batch, type Labelled, type Noise } from './batch.ts';
import { createConvolution, floatsOfConvolution } from './convolution.ts';
import { createDense, floatsOfDense, setGradients, turn, type Dense } from './dense.ts';
import { createDropout } from './dropout.ts';
import { createEmbedding, floatsOfEmbedding } from './embedding.ts';
import { createPooling } from './pooling.ts';
import { inputsOf, pooledOf, type Layer, type Shape } from './shape.ts';
import { softmaxInPlace } from './softmax.ts';
import { MOST_TOKENS } from './tokens.ts';

/** A net in floats that can learn. */
export interface Network {
  readonly table: Float32Array;
  /** The convolutions, then the head. */
  readonly layers: readonly Dense[];
  /** Rows of the table that the last step has seen, and their gradients one behind another. */
  readonly seen: { readonly rows: readonly number[]; readonly gradients: Float32Array };
  /** The mean loss (cross entropy with smoothed labels) of some sentences; its gradients are then in place. */
  step(sentences: readonly Labelled[], noise: Noise, smoothing: number): number;
  /** Probabilities of the intents, a row for each sentence. */
  probabilities(sentences: readonly Labelled[]): Float32Array;
}

/** What a network starts from; without a head, from one of zeros. */
export interface Beginning {
  readonly shape: Shape;
  readonly table: Float32Array;
  readonly convolutions: readonly Layer[];
  readonly head?: Layer;
  readonly intents: number;
}

/** A network for up to `most` sentences at a time; `chance` draws from 0 up to 1 what is left out. */
export function createNetwork(start: Beginning, most: number, chance: () => number): Network {
  const { shape, intents } = start;
  const { dim, hidden } = shape;
  const wide = pooledOf(shape);
  const columns = padded(intents);
  const mostRows = most * (MOST_TOKENS + 1) + 2;
  const arena = createArena(floatsOf(shape, most, mostRows, columns));
  const embedding = createEmbedding(arena, start.table, dim, mostRows, chance);
  const input = arena.matrix(mostRows, dim);
  const inputChange = arena.matrix(mostRows, dim);
  const convolutions = start.convolutions.map((layer, i) =>
    createConvolution(arena, inputsOf(shape, i) / 3, layer, i > 0, mostRows),
  );
  const pooling = createPooling(hidden, dim, most);
  const sentence = arena.matrix(most, wide);
  const sentenceChange = arena.matrix(most, wide);
  const head = createDense(arena, wide, columns, start.head);
  const outputs = arena.matrix(most, columns);
  const outputChange = arena.matrix(most, columns);
  const inputDropout = createDropout(mostRows * dim, chance);
  const sentenceDropout = createDropout(most * wide, chance);

  /** C += A · B over the first `count` rows. */
  const multiply = (a: Matrix, b: Matrix, c: Matrix, count: number): void => {
    arena.product(a.at, a.columns * 4, 4, b.at, b.columns * 4, c.at, c.columns * 4, count, a.columns, b.columns);
  };
  /** What goes into the convolution with this number, and the gradient of it. */
  const below = (i: number) => convolutions[i - 1] ?? { output: input, change: inputChange };
  const last = below(convolutions.length);

  function forward(batch: Batch, noise: Noise): void {
    input.values.fill(0, 0, (batch.rows + 1) * dim);
    embedding.forward(batch, noise, input);
    for (const { from, length } of batch.spans) {
      inputDropout.apply(input.values, from * dim, (from + length) * dim, noise.inputs);
    }
    convolutions.forEach((convolution, i) => {
      convolution.forward(batch, below(i).output);
    });
    const count = batch.sentences.length;
    pooling.forward(batch, last.output.values, input.values, sentence.values);
    sentenceDropout.apply(sentence.values, 0, count * wide, noise.pooled);
    for (let n = 0; n < count; n += 1) outputs.values.set(head.bias.values, n * columns);
    multiply(sentence, head.weights, outputs, count);
    for (let n = 0; n < count; n += 1) softmaxInPlace(outputs.values.subarray(n * columns, n * columns + intents));
  }

  function backward(batch: Batch, noise: Noise): void {
    const count = batch.sentences.length;
    setGradients(arena, head, { at: sentence.at, distance: wide, change: outputChange, first: 0, count });
    turn(head);
    sentenceChange.values.fill(0, 0, count * wide);
    multiply(outputChange, head.turned, sentenceChange, count);
    sentenceDropout.applyAgain(sentenceChange.values, 0, count * wide, noise.pooled);
    for (const { change } of [{ change: inputChange }, ...convolutions]) {
      change.values.fill(0, 0, (batch.rows + 1) * change.columns);
    }
    pooling.backward(batch, sentenceChange.values, last.change.values, inputChange.values);
    for (let i = convolutions.length - 1; i >= 0; i -= 1) {
      convolutions[i]?.backward(batch, below(i).output, below(i).change);
    }
    for (const { from, length } of batch.spans) {
      inputDropout.applyAgain(inputChange.values, from * dim, (from + length) * dim, noise.inputs);
    }
    embedding.backward(batch, inputChange);
  }

  /** The loss of what came out, and its gradient into `outputChange`. */
  function compare(sentences: readonly Labelled[], smoothing: number): number {
    let loss = 0;
    sentences.forEach(({ label }, n) => {
      for (let c = 0; c < intents; c += 1) {
        const wanted = smoothing / intents + (c === label ? 1 - smoothing : 0);
        const given = outputs.values[n * columns + c] as number;
        if (wanted > 0) loss -= wanted * Math.log(Math.max(given, 1e-30));
        outputChange.values[n * columns + c] = (given - wanted) / sentences.length;
      }
    });
    return loss / sentences.length;
  }

  return {
    table: embedding.table.values,
    layers: [...convolutions.map(({ dense }) => dense), head],
    get seen() {
      return embedding.seen;
    },
    step(sentences, noise, smoothing) {
      const batch = batchOf(sentences);
      forward(batch, noise);
      const loss = compare(sentences, smoothing);
      backward(batch, noise);
      return loss;
    },
    probabilities(sentences) {
      forward(batchOf(sentences), QUIET);
      const all = new Float32Array(sentences.length * intents);
      sentences.forEach((_, n) => {
        all.set(outputs.values.subarray(n * columns, n * columns + intents), n * intents);
      });
      return all;
    },
  };
}

function floatsOf(shape: Shape, most: number, rows: number, columns: number): number {
  const inner = Array.from(
    { length: shape.layers },
    (_, i) => floatsOfDense(inputsOf(shape, i), shape.hidden) + floatsOfConvolution(shape.hidden, rows),
  );
  const wide = pooledOf(shape);
  const table = floatsOfEmbedding(2 ** shape.bits, shape.dim);
  const states = table + 2 * rows * shape.dim + 2 * most * (wide + columns) + 6 * 16;
  return inner.reduce((sum, floats) => sum + floats, states + floatsOfDense(wide, columns));
}
