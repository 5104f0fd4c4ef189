/** Bounds memory: a layer holds some hundred numbers for each token of a batch. */
const MAX_BATCH_TOKENS = 4_096;
const MAX_BATCH = 32;

/**
 * Groups sequences of similar length, so that little is padded: places of the lengths given, each once, in batches of
 * at most 32 sequences and 4,096 tokens with padding (a longer sequence goes alone). `alone` makes batches of one.
 */
export function batches(lengths: readonly number[], alone: boolean): readonly (readonly number[])[] {
  const order = lengths.map((_, i) => i).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
  const all: number[][] = [];
  for (const place of order) {
    const current = all[all.length - 1];
    const size = current?.length ?? 0;
    const fits = size < MAX_BATCH && (size + 1) * (lengths[place] ?? 0) <= MAX_BATCH_TOKENS;
    if (current && fits && !alone) current.push(place);
    else all.push([place]);
  }
  return all;
}
