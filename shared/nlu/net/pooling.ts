import type { Batch } from './batch.ts';

/** From the tokens of sentences to what the head sees: maximum and sum of their states, sum of their inputs. */
export interface Pooling {
  forward(batch: Batch, states: Float32Array, inputs: Float32Array, pooled: Float32Array): void;
  /** Adds to the gradients of states and inputs. */
  backward(batch: Batch, pooled: Float32Array, states: Float32Array, inputs: Float32Array): void;
}

/** For up to `most` sentences. Sums are over the root of how many tokens there are. */
export function createPooling(hidden: number, dim: number, most: number): Pooling {
  const wide = 2 * hidden + dim;
  /** The row with the maximum, for each sentence and state; -1 where all are 0. */
  const highest = new Int32Array(most * hidden);
  return {
    forward({ spans }, states, inputs, pooled) {
      spans.forEach(({ from, length }, n) => {
        const scale = 1 / Math.sqrt(length);
        const at = n * wide;
        pooled.fill(0, at, at + wide);
        highest.fill(-1, n * hidden, (n + 1) * hidden);
        for (let row = from; row < from + length; row += 1) {
          for (let h = 0; h < hidden; h += 1) {
            const value = states[row * hidden + h] as number;
            if (value > (pooled[at + h] as number)) {
              pooled[at + h] = value;
              highest[n * hidden + h] = row;
            }
            pooled[at + hidden + h] = (pooled[at + hidden + h] as number) + value * scale;
          }
          for (let d = 0; d < dim; d += 1)
            pooled[at + 2 * hidden + d] =
              (pooled[at + 2 * hidden + d] as number) + (inputs[row * dim + d] as number) * scale;
        }
      });
    },
    backward({ spans }, pooled, states, inputs) {
      spans.forEach(({ from, length }, n) => {
        const scale = 1 / Math.sqrt(length);
        const at = n * wide;
        for (let h = 0; h < hidden; h += 1) {
          const row = highest[n * hidden + h] as number;
          if (row >= 0) states[row * hidden + h] = (states[row * hidden + h] as number) + (pooled[at + h] as number);
        }
        for (let row = from; row < from + length; row += 1) {
          for (let h = 0; h < hidden; h += 1)
            states[row * hidden + h] =
              (states[row * hidden + h] as number) + (pooled[at + hidden + h] as number) * scale;
          for (let d = 0; d < dim; d += 1)
            inputs[row * dim + d] = (inputs[row * dim + d] as number) + (pooled[at + 2 * hidden + d] as number) * scale;
        }
      });
    },
  };
}
