import type { Arena, Matrix } from './arena.ts';
import type { Layer } from './shape.ts';

/** A layer that is being trained: C = A · weights + bias, and the gradients of both. */
export interface Dense {
  readonly weights: Matrix;
  readonly bias: Matrix;
  readonly weightsGradient: Matrix;
  readonly biasGradient: Matrix;
  /** The weights with rows and columns changed, as `turn` saw them last. */
  readonly turned: Matrix;
}

/** Floats that a layer takes, what is lost to alignment included. */
export const floatsOfDense = (inputs: number, outputs: number): number => (3 * inputs + 2) * outputs + 5 * 16;

/** A layer that starts from `start`, or from zeros. */
export function createDense(arena: Arena, inputs: number, outputs: number, start?: Layer): Dense {
  const dense = {
    weights: arena.matrix(inputs, outputs),
    bias: arena.matrix(1, outputs),
    weightsGradient: arena.matrix(inputs, outputs),
    biasGradient: arena.matrix(1, outputs),
    turned: arena.matrix(outputs, inputs),
  };
  if (start) {
    dense.weights.values.set(start.weights);
    dense.bias.values.set(start.bias);
  }
  return dense;
}

/** Rows of `change` and, a given distance apart, the rows that went in where they came out. */
export interface Applied {
  /** The place of the first input in bytes, and the distance to the next in floats: windows may overlap. */
  readonly at: number;
  readonly distance: number;
  readonly change: Matrix;
  readonly first: number;
  readonly count: number;
}

/** Sets the gradients of a layer. */
export function setGradients(arena: Arena, dense: Dense, { at, distance, change, first, count }: Applied): void {
  const { weightsGradient: into, biasGradient } = dense;
  const wide = change.columns;
  into.values.fill(0);
  const from = change.at + first * wide * 4;
  arena.product(at, 4, distance * 4, from, wide * 4, into.at, wide * 4, into.rows, count, wide);
  biasGradient.values.fill(0);
  for (let row = first; row < first + count; row += 1) {
    for (let i = 0; i < wide; i += 1)
      biasGradient.values[i] = (biasGradient.values[i] as number) + (change.values[row * wide + i] as number);
  }
}

/** Brings `turned` up to date. */
export function turn({ weights, turned }: Dense): void {
  const { rows, columns } = weights;
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) turned.values[c * rows + r] = weights.values[r * columns + c] as number;
  }
}
