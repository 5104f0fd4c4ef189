import type { Vector } from './vectors.ts';

/** Many vectors, one behind the other: row i holds the entries from `starts[i]` to `starts[i + 1]`. */
export interface Matrix {
  readonly rows: number;
  readonly starts: Int32Array;
  readonly ids: Int32Array;
  readonly values: Float32Array;
}

/** Keeps the vectors of some texts, 8 bytes for each entry. */
export function matrixOf(texts: readonly string[], read: (text: string) => Vector): Matrix {
  const starts = new Int32Array(texts.length + 1);
  let ids = new Int32Array(texts.length * 64);
  let values = new Float32Array(texts.length * 64);
  let length = 0;
  for (const [row, text] of texts.entries()) {
    const vector = read(text);
    if (length + vector.length > ids.length) {
      const room = Math.max(ids.length * 2, length + vector.length);
      ids = withRoom(ids, new Int32Array(room));
      values = withRoom(values, new Float32Array(room));
    }
    ids.set(vector.ids.subarray(0, vector.length), length);
    values.set(vector.values.subarray(0, vector.length), length);
    length += vector.length;
    starts[row + 1] = length;
  }
  return { rows: texts.length, starts, ids: ids.subarray(0, length), values: values.subarray(0, length) };
}

function withRoom<T extends Int32Array | Float32Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
