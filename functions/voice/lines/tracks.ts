/** The frames of a caller's track, where a gateway sends that of the other side, too. */
export interface Tracks {
  /** A frame of the caller's: its place in the order, where the count tells that. */
  caller(chunk: number): number | undefined;
  /** A frame of the other side's. */
  other(chunk: number): void;
}

/** Frames overtake one another by less. */
const REMEMBERED = 64;

/**
 * Documents do not say whether tracks are counted together or each by itself, and both are met. Counted together, the
 * caller's numbers have holes where the other side's frames stand, which must not become silence: such frames are taken
 * as they come. A number that both tracks have, or numbers far apart, show that each is counted by itself.
 */
export function tracks(): Tracks {
  const [mine, others] = [new Set<number>(), new Set<number>()];
  let apart = true;
  let isKnown = false;
  let newest = 0;

  const remember = (set: Set<number>, chunk: number) => {
    set.add(chunk);
    const [oldest] = set;
    if (set.size > REMEMBERED && oldest !== undefined) set.delete(oldest);
  };
  return {
    caller(chunk) {
      if (!isKnown) {
        remember(mine, chunk);
        newest = Math.max(newest, chunk);
        if (others.has(chunk)) [apart, isKnown] = [true, true];
      }
      return apart ? chunk : undefined;
    },
    other(chunk) {
      if (isKnown) return;
      remember(others, chunk);
      const isFar = mine.size > 0 && Math.abs(newest - chunk) > REMEMBERED;
      if (mine.has(chunk) || isFar) [apart, isKnown] = [true, true];
      else apart = false;
    },
  };
}
