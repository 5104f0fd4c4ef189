/**
 * Runs work by rank: below 0 at once, that of rank 0 first, a few pieces at a time; any other alone, the lowest rank
 * first.
 */
export type Ranked = (rank: Promise<number>, work: (rank: number) => Promise<void>) => Promise<void>;

/**
 * A queue by rank. Work of a higher rank than 0 also waits until the rank of everything that has come is known.
 * `together`: how many pieces of rank 0 run at a time.
 */
export function ranked(together = 1): Ranked {
  interface Waiting {
    readonly rank: number;
    readonly run: () => Promise<void>;
  }
  let waiting: Waiting[] = [];
  let unknown = 0;
  let running = 0;
  let isAlone = false;

  const next = () => {
    while (!isAlone) {
      const first = waiting.reduce<Waiting | undefined>((a, b) => (a && a.rank <= b.rank ? a : b), undefined);
      if (!first) return;
      if (first.rank === 0 ? running >= together : running > 0 || unknown > 0) return;
      waiting = waiting.filter((w) => w !== first);
      running++;
      isAlone = first.rank > 0;
      void first.run().then(() => {
        running--;
        isAlone = false;
        next();
      });
    }
  };

  return async (ranking, work) => {
    unknown++;
    let rank: number;
    try {
      rank = await ranking;
    } finally {
      unknown--;
    }
    if (rank < 0) {
      next();
      await work(rank);
      return;
    }
    // In the same breath: whoever looks in between would take it that nothing else has come.
    const done = new Promise<void>((resolve, reject) => {
      waiting.push({ rank, run: () => work(rank).then(resolve, reject) });
    });
    next();
    await done;
  };
}
