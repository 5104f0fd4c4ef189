/** Values of a metric by the second, as Knative's autoscaler keeps them (pkg/autoscaler/aggregation/bucketing.go). */
export interface MetricWindow {
  /** Adds to the bucket of a moment. */
  record(now: number, value: number): void;
  /** The linear average over the window that ends at a moment; undefined where nothing was ever recorded. */
  average(now: number): number | undefined;
}

/** A window of `buckets` buckets of `bucketMs` each; a second each as published. */
export function metricWindow(buckets: number, bucketMs: number): MetricWindow {
  const values = new Map<number, number>();
  let first: number | undefined;
  let last = -Infinity;
  const indexOf = (now: number) => Math.floor(now / bucketMs);

  return {
    record(now, value) {
      const index = indexOf(now);
      // A whole window without a word begins a new one.
      if (first === undefined || index - last >= buckets) {
        first = index;
        values.clear();
      }
      last = Math.max(last, index);
      values.set(index, (values.get(index) ?? 0) + value);
      for (const old of values.keys()) if (old <= last - buckets) values.delete(old);
    },
    average(now) {
      if (first === undefined) return undefined;
      const late = Math.max(0, indexOf(now) - last);
      if (late >= buckets) return 0;
      let total = 0;
      for (const [index, value] of values) if (index > last + late - buckets) total += value;
      return rounded(total / Math.min(last - first + 1, buckets - late));
    },
  };
}

const rounded = (value: number) => Math.round(value * 1e6) / 1e6;
