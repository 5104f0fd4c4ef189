/** A linear congruential generator: chance that repeats itself, for shuffling and nothing else. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The same items in another order, drawn from a generator. */
export function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const keys = items.map((item) => ({ item, key: random() }));
  return keys.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
