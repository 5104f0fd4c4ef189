/** Draws numbers from 0 up to (not including) 1; the same seed draws the same. Mulberry32: for shuffling only. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let drawn = Math.imul(state ^ (state >>> 15), 1 | state);
    drawn = (drawn + Math.imul(drawn ^ (drawn >>> 7), 61 | drawn)) ^ drawn;
    return ((drawn ^ (drawn >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same items in another order (Fisher and Yates), drawn from `random`. */
export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const order = items.slice();
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const [a, b] = [order[i] as T, order[j] as T];
    order[i] = b;
    order[j] = a;
  }
  return order;
}
