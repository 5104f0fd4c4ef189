import type { Matrix } from '../features/matrix.ts';
import { chance } from '../../chance/index.ts';

/** The weights that tell one class from all others; the bias stands behind those of the features. */
export type ClassWeights = Float64Array;

export interface SvmOptions {
  /** The price of a mistake (C). Higher follows the examples more closely. */
  readonly cost: number;
  readonly seed: number;
}

/** The spread of the projected gradient at which a class counts as learned. LIBLINEAR has 0.1: a third slower, no better. */
const TOLERANCE = 0.5;
const MOST_ROUNDS = 200;
const NO_STEP = 1e-12;

/**
 * Trains one linear support vector machine with squared hinge loss, class `positive` against all others, by dual
 * coordinate descent with shrinking: Hsieh et al., "A Dual Coordinate Descent Method for Large-scale Linear SVM"
 * (ICML 2008), algorithm 3, the solver behind LIBLINEAR and LinearSVC.
 *
 * `support` is room for one number for each row and is overwritten.
 */
export function trainClass(
  matrix: Matrix,
  labels: Int32Array,
  positive: number,
  features: number,
  { cost, seed }: SvmOptions,
  support: Float64Array = new Float64Array(matrix.rows),
): ClassWeights {
  const { rows, starts, ids, values } = matrix;
  const weights = new Float64Array(features + 1);
  const random = chance(seed + Math.imul(positive + 1, 0x9e3779b1));
  const order = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) order[row] = row;
  support.fill(0, 0, rows);
  const softness = 0.5 / cost;
  let active = rows;
  let shrinkAbove = Infinity;

  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    let highest = -Infinity;
    let lowest = Infinity;
    for (let i = 0; i < active; i += 1) swap(order, i, i + Math.floor(random() * (active - i)));
    for (let i = 0; i < active; i += 1) {
      const row = order[i] ?? 0;
      const sign = labels[row] === positive ? 1 : -1;
      const start = starts[row] ?? 0;
      const end = starts[row + 1] ?? 0;
      let dot = weights[features] ?? 0;
      let square = 1;
      for (let p = start; p < end; p += 1) {
        const value = values[p] as number;
        dot += (weights[ids[p] as number] as number) * value;
        square += value * value;
      }
      const before = support[row] ?? 0;
      const gradient = sign * dot - 1 + before * softness;
      if (before === 0 && gradient > shrinkAbove) {
        // Right by far: looked at again only when the others are done.
        active -= 1;
        swap(order, i, active);
        i -= 1;
        continue;
      }
      const projected = before === 0 ? Math.min(gradient, 0) : gradient;
      if (projected > highest) highest = projected;
      if (projected < lowest) lowest = projected;
      if (Math.abs(projected) < NO_STEP) continue;
      const after = Math.max(before - gradient / (square + softness), 0);
      support[row] = after;
      const step = (after - before) * sign;
      for (let p = start; p < end; p += 1) {
        const id = ids[p] as number;
        weights[id] = (weights[id] as number) + step * (values[p] as number);
      }
      weights[features] = (weights[features] ?? 0) + step;
    }
    if (highest - lowest <= TOLERANCE) {
      if (active === rows) break;
      active = rows;
      shrinkAbove = Infinity;
    } else shrinkAbove = highest <= 0 ? Infinity : highest;
  }
  return weights;
}

function swap(order: Int32Array, i: number, j: number): void {
  const kept = order[i] ?? 0;
  order[i] = order[j] ?? 0;
  order[j] = kept;
}
