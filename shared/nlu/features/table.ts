/** Numbers for grams, in the order in which they were first met. */
export interface GramTable {
  readonly size: number;
  /** The number of a gram; -1 for one that was never added. */
  readonly idOf: (gram: number) => number;
  /** The number of a gram, which gets the next one if it has none. */
  readonly add: (gram: number) => number;
  /** The gram of each number. */
  readonly grams: () => Uint32Array;
}

const EMPTY = -1;
const GOLDEN = 0x9e3779b1 | 0;

/**
 * A hash table in typed arrays, by linear probing, never more than half full: a look-up costs one or two loads and no
 * garbage. `room` is how many grams are expected; it grows by itself.
 */
export function gramTable(room = 1_024): GramTable {
  let bits = 32 - Math.clz32(Math.max(16, room * 2) - 1);
  let mask = 2 ** bits - 1;
  let ids = new Int32Array(mask + 1).fill(EMPTY);
  let keys = new Uint32Array(Math.max(16, room));
  let size = 0;

  /** Where a gram stands, or the empty place where it belongs. */
  const placeOf = (gram: number): number => {
    let at = Math.imul(gram, GOLDEN) >>> (32 - bits);
    for (;;) {
      const id = ids[at] ?? EMPTY;
      if (id === EMPTY || keys[id] === gram) return at;
      at = (at + 1) & mask;
    }
  };
  const grow = (): void => {
    const larger = new Uint32Array(keys.length * 2);
    larger.set(keys);
    keys = larger;
    bits = 32 - Math.clz32(keys.length * 2 - 1);
    mask = 2 ** bits - 1;
    ids = new Int32Array(mask + 1).fill(EMPTY);
    for (let id = 0; id < size; id += 1) ids[placeOf(keys[id] ?? 0)] = id;
  };
  return {
    get size() {
      return size;
    },
    idOf: (gram) => ids[placeOf(gram)] ?? EMPTY,
    add: (gram) => {
      const place = placeOf(gram);
      const known = ids[place] ?? EMPTY;
      if (known !== EMPTY) return known;
      if (size === keys.length) {
        grow();
        ids[placeOf(gram)] = size;
      } else ids[place] = size;
      keys[size] = gram;
      size += 1;
      return size - 1;
    },
    grams: () => keys.slice(0, size),
  };
}
