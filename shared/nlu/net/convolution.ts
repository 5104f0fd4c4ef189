import type { Arena, Matrix } from './arena.ts';
import type { Batch } from './batch.ts';
import { createDense, setGradients, turn, type Dense } from './dense.ts';
import type { Layer } from './shape.ts';

/** A convolution over three tokens with a rectifier; with `residual` its input is added to what comes out. */
export interface Convolution {
  readonly dense: Dense;
  readonly output: Matrix;
  /** The gradient of `output`: to be set before `backward`. */
  readonly change: Matrix;
  forward(batch: Batch, input: Matrix): void;
  /** Sets the layer's gradients and adds to those of the input. */
  backward(batch: Batch, input: Matrix, inputChange: Matrix): void;
}

/** Floats that a convolution takes for so many rows. */
export const floatsOfConvolution = (outputs: number, rows: number): number => 4 * (rows * outputs + 16);

/** For batches of up to `most` rows. */
export function createConvolution(
  arena: Arena,
  inputs: number,
  start: Layer,
  residual: boolean,
  most: number,
): Convolution {
  const outputs = start.bias.length;
  const dense = createDense(arena, 3 * inputs, outputs, start);
  const output = arena.matrix(most, outputs);
  const change = arena.matrix(most, outputs);
  /** Before the rectifier, and its gradient. */
  const raw = arena.matrix(most, outputs);
  const rawChange = arena.matrix(most, outputs);
  const row = outputs * 4;
  const inputRow = inputs * 4;
  return {
    dense,
    output,
    change,
    forward({ spans, rows }, input) {
      for (let r = 1; r < rows; r += 1) raw.values.set(dense.bias.values, r * outputs);
      // The window of a row begins with the row before it.
      arena.product(input.at, inputRow, 4, dense.weights.at, row, raw.at + row, row, rows - 1, 3 * inputs, outputs);
      output.values.fill(0, 0, (rows + 1) * outputs);
      for (const { from, length } of spans) {
        for (let i = from * outputs; i < (from + length) * outputs; i += 1) {
          const active = Math.max(0, raw.values[i] as number);
          output.values[i] = residual ? active + (input.values[i] as number) : active;
        }
      }
    },
    backward({ spans, rows }, input, inputChange) {
      rawChange.values.fill(0, 0, (rows + 1) * outputs);
      for (const { from, length } of spans) {
        for (let i = from * outputs; i < (from + length) * outputs; i += 1) {
          if ((raw.values[i] as number) > 0) rawChange.values[i] = change.values[i] as number;
          if (residual) inputChange.values[i] = (inputChange.values[i] as number) + (change.values[i] as number);
        }
      }
      setGradients(arena, dense, { at: input.at, distance: inputs, change: rawChange, first: 1, count: rows - 1 });
      turn(dense);
      // One product for each place of a window: windows overlap, and a product may not write where it still reads.
      for (let place = 0; place < 3; place += 1) {
        const offset = place * inputRow;
        const into = inputChange.at + offset;
        const weights = dense.turned.at + offset;
        arena.product(rawChange.at + row, row, 4, weights, 3 * inputRow, into, inputRow, rows - 1, outputs, inputs);
      }
    },
  };
}
