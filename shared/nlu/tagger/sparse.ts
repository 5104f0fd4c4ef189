/** Collects numbers and gives back each once, in order; memory grows with how many differ, not with how many come. */
export interface Collector {
  readonly add: (value: number) => void;
  readonly sorted: () => Float64Array;
}

/** A collector of whole numbers up to 2^53. */
export function collector(room = 1 << 20): Collector {
  let values = new Float64Array(room);
  let count = 0;
  const compact = (): void => {
    const part = values.subarray(0, count).sort();
    let kept = 0;
    for (let i = 0; i < count; i += 1) {
      if (kept === 0 || part[i] !== part[kept - 1]) {
        part[kept] = part[i] as number;
        kept += 1;
      }
    }
    count = kept;
  };
  return {
    add: (value) => {
      if (count === values.length) {
        compact();
        if (count > values.length / 2) {
          const larger = new Float64Array(values.length * 2);
          larger.set(values.subarray(0, count));
          values = larger;
        }
      }
      values[count] = value;
      count += 1;
    },
    sorted: () => {
      compact();
      return values.slice(0, count);
    },
  };
}
