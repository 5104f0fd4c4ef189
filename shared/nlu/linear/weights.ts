import type { ClassWeights } from './svm.ts';

/**
 * The weights of all classes, small: 8 bits each, sorted by feature, zeros left out. Entry p of feature f (from
 * `starts[f]` to `starts[f + 1]`) says that class `classes[p]` has the weight `values[p] × scales[classes[p]]`.
 */
export interface SparseWeights {
  readonly starts: Uint32Array;
  readonly classes: Uint16Array;
  readonly values: Int8Array;
  readonly scales: Float32Array<ArrayBuffer>;
  readonly biases: Float32Array<ArrayBuffer>;
}

const STEPS = 127;

/** Takes the weights of one class after the other, and keeps of each only what is not lost in rounding. */
export interface WeightsBuilder {
  readonly add: (weights: ClassWeights) => void;
  readonly build: () => SparseWeights;
}

interface OfClass {
  readonly ids: Int32Array;
  readonly values: Int8Array;
  readonly scale: number;
  readonly bias: number;
}

/** Begins with no class. The largest weight of a class is 127 steps; what is under half a step is zero. */
export function weightsBuilder(features: number): WeightsBuilder {
  const classes: OfClass[] = [];
  const ids = new Int32Array(features);
  const values = new Int8Array(features);
  return {
    add: (weights) => {
      let largest = 0;
      for (let id = 0; id < features; id += 1) {
        const size = Math.abs(weights[id] as number);
        if (size > largest) largest = size;
      }
      const scale = largest / STEPS;
      const perStep = scale === 0 ? 0 : 1 / scale;
      let length = 0;
      for (let id = 0; id < features; id += 1) {
        const value = Math.round((weights[id] as number) * perStep);
        if (value === 0) continue;
        ids[length] = id;
        values[length] = value;
        length += 1;
      }
      classes.push({ ids: ids.slice(0, length), values: values.slice(0, length), scale, bias: weights[features] ?? 0 });
    },
    build: () => byFeature(classes, features),
  };
}

function byFeature(classes: readonly OfClass[], features: number): SparseWeights {
  const starts = new Uint32Array(features + 1);
  for (const { ids } of classes) for (const id of ids) starts[id + 1] = (starts[id + 1] ?? 0) + 1;
  for (let id = 0; id < features; id += 1) starts[id + 1] = (starts[id + 1] ?? 0) + (starts[id] ?? 0);
  const entries = starts[features] ?? 0;
  const next = starts.slice();
  const columns = new Uint16Array(entries);
  const values = new Int8Array(entries);
  for (const [k, { ids, values: steps }] of classes.entries()) {
    for (let i = 0; i < ids.length; i += 1) {
      const id = ids[i] as number;
      const at = next[id] as number;
      next[id] = at + 1;
      columns[at] = k;
      values[at] = steps[i] as number;
    }
  }
  return {
    starts,
    classes: columns,
    values,
    scales: Float32Array.from(classes, ({ scale }) => scale),
    biases: Float32Array.from(classes, ({ bias }) => bias),
  };
}
