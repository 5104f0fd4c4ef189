/** Times of which percentiles are wanted. All are kept, 8 bytes each, so that no percentile is an estimate. */
export interface Latencies {
  add(ms: number): void;
  readonly count: number;
  /** `percentile(99)`; NaN where nothing was added. */
  percentile(p: number): number;
  max(): number;
  /** All of them, in order of size. */
  all(): Float64Array;
}

/** An empty collection, or one of times that were measured elsewhere. */
export function latencies(from: readonly number[] | Float64Array = []): Latencies {
  let values = new Float64Array(Math.max(1_024, from.length));
  values.set(from);
  let count = from.length;
  let sorted = false;
  const ordered = () => {
    if (!sorted) values.subarray(0, count).sort();
    sorted = true;
    return values;
  };
  return {
    add(ms) {
      if (count === values.length) {
        const larger = new Float64Array(values.length * 2);
        larger.set(values);
        values = larger;
      }
      values[count++] = ms;
      sorted = false;
    },
    get count() {
      return count;
    },
    // The smallest value that at least p percent of all do not exceed.
    percentile: (p) => (count === 0 ? NaN : (ordered()[Math.max(0, Math.ceil((p / 100) * count) - 1)] ?? NaN)),
    all: () => ordered().slice(0, count),
    max: () => (count === 0 ? NaN : (ordered()[count - 1] ?? NaN)),
  };
}
