import type { Network } from './network.ts';
import type { Recipe } from './recipe.ts';

const FIRST = 0.9;
const SECOND = 0.98;
const TINY = 1e-8;

/** Moves a network's weights against its last gradients, by at most about `rate` each. */
export type Optimiser = (rate: number) => void;

/**
 * Adam (Kingma and Ba, 2015) with decoupled decay (Loshchilov and Hutter, 2019); of the table only rows seen in the
 * batch move, with one second moment for each row, as training/optimiser.py does it.
 */
export function createAdam(
  network: Network,
  dim: number,
  options: Pick<Recipe, 'headFactor' | 'tableFactor' | 'decay'>,
): Optimiser {
  const first = new Float32Array(network.table.length);
  const second = new Float32Array(network.table.length / dim);
  const groups = network.layers.flatMap((layer, i) => {
    const factor = i === network.layers.length - 1 ? options.headFactor : 1;
    return [
      { values: layer.weights.values, gradients: layer.weightsGradient.values, factor, decay: options.decay },
      { values: layer.bias.values, gradients: layer.biasGradient.values, factor, decay: 0 },
    ].map((group) => ({
      ...group,
      first: new Float32Array(group.values.length),
      second: new Float32Array(group.values.length),
    }));
  });
  let steps = 0;

  function moveRows(rate: number, secondScale: number): void {
    const { rows, gradients } = network.seen;
    const { table } = network;
    rows.forEach((row, slot) => {
      const from = slot * dim;
      const at = row * dim;
      let squares = 0;
      for (let d = 0; d < dim; d += 1) squares += (gradients[from + d] as number) ** 2;
      const moment = SECOND * (second[row] as number) + (1 - SECOND) * (squares / dim);
      second[row] = moment;
      const factor = rate / (Math.sqrt(moment * secondScale) + TINY);
      for (let d = 0; d < dim; d += 1) {
        const mean = FIRST * (first[at + d] as number) + (1 - FIRST) * (gradients[from + d] as number);
        first[at + d] = mean;
        table[at + d] = (table[at + d] as number) - factor * mean;
      }
    });
  }

  return (rate) => {
    steps += 1;
    const firstScale = 1 / (1 - FIRST ** steps);
    const secondScale = 1 / (1 - SECOND ** steps);
    moveRows(rate * options.tableFactor * firstScale, secondScale);
    for (const group of groups) {
      const step = rate * group.factor;
      const shrink = 1 - step * group.decay;
      const { values, gradients } = group;
      for (let i = 0; i < values.length; i += 1) {
        const gradient = gradients[i] as number;
        const mean = FIRST * (group.first[i] as number) + (1 - FIRST) * gradient;
        const square = SECOND * (group.second[i] as number) + (1 - SECOND) * gradient * gradient;
        group.first[i] = mean;
        group.second[i] = square;
        values[i] =
          (values[i] as number) * shrink - (step * firstScale * mean) / (Math.sqrt(square * secondScale) + TINY);
      }
    }
  };
}
