import type { Vector } from '../features/vectors.ts';
import type { SparseWeights } from './weights.ts';

/**
 * The score of each class for a text: its distance to the boundary between that class and all others, 1 at the margin.
 * Looks only at the classes that have a weight for a feature of the text.
 */
export function scoresOf(weights: SparseWeights, { ids, values, length }: Vector): Float64Array {
  const { starts, classes, values: steps, scales, biases } = weights;
  const sums = new Float64Array(biases.length);
  for (let i = 0; i < length; i += 1) {
    const id = ids[i] as number;
    const value = values[i] as number;
    const end = starts[id + 1] as number;
    for (let p = starts[id] as number; p < end; p += 1) {
      const k = classes[p] as number;
      sums[k] = (sums[k] as number) + (steps[p] as number) * value;
    }
  }
  for (let k = 0; k < sums.length; k += 1) {
    sums[k] = (sums[k] as number) * (scales[k] as number) + (biases[k] as number);
  }
  return sums;
}
