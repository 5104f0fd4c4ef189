/** What the matrices of a net look like. */
export interface Shape {
  /** The table has 2^bits rows. */
  readonly bits: number;
  /** Columns of the table; a multiple of 16, as `hidden`. */
  readonly dim: number;
  /** Columns of each convolution. */
  readonly hidden: number;
  /** Convolutions, each over three tokens; from the second on added to what goes in. */
  readonly layers: number;
}

/** A layer's `weights` [inputs × outputs, row by row] and `bias` [outputs]. */
export interface Layer {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** A table whose rows are whole numbers times one factor for each row. */
export interface Table {
  readonly values: Int8Array;
  readonly factors: Float32Array;
}

/** A trained encoder without a head: what a fine-tuning starts from. */
export interface Encoder {
  readonly shape: Shape;
  readonly table: Table;
  readonly convolutions: readonly Layer[];
}

/** A trained net: its encoder, and a head with a column for each intent. */
export interface Weights extends Encoder {
  readonly intents: readonly string[];
  readonly head: Layer;
  /** Another net of the same intents, from another start: both are asked, and answer as one (`mixed`, half and half). */
  readonly beside?: Weights;
}

/** Values of a sentence that the head sees: maximum and sum over its tokens, and the sum of its table rows. */
export const pooledOf = (shape: Shape): number => 2 * shape.hidden + shape.dim;

/** Inputs of a convolution: three tokens wide. */
export const inputsOf = (shape: Shape, layer: number): number => 3 * (layer === 0 ? shape.dim : shape.hidden);

/** The largest whole number of a bot's table: four bits each, which cost no accuracy (README.md). */
const LARGEST = 7;

/** 32-bit floats as whole numbers from -7 to 7, each row by its own factor. */
export function quantised(floats: Float32Array, dim: number): Table {
  const factors = new Float32Array(floats.length / dim);
  const values = new Int8Array(floats.length);
  for (let row = 0; row < factors.length; row += 1) {
    let largest = 0;
    for (let i = row * dim; i < (row + 1) * dim; i += 1) largest = Math.max(largest, Math.abs(floats[i] as number));
    const factor = Math.fround(largest / LARGEST);
    if (factor === 0) continue;
    factors[row] = factor;
    for (let i = row * dim; i < (row + 1) * dim; i += 1) values[i] = Math.round((floats[i] as number) / factor);
  }
  return { values, factors };
}

/** The floats that a table stands for. */
export function dequantised({ values, factors }: Table, dim: number): Float32Array {
  const floats = new Float32Array(values.length);
  for (let i = 0; i < values.length; i += 1) floats[i] = (values[i] as number) * (factors[(i / dim) | 0] as number);
  return floats;
}
