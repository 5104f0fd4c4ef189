/** Runs one piece of work at a time, and of those that wait the one with the lowest rank first. */
export type Ranked = (rank: Promise<number>, work: (rank: number) => Promise<void>) => Promise<void>;

/** A queue by rank. Work of a higher rank than 0 also waits until the rank of everything that has come is known. */
export function ranked(): Ranked {
  interface Waiting {
    readonly rank: number;
    readonly run: () => Promise<void>;
  }
  let waiting: Waiting[] = [];
  let unknown = 0;
  let busy = false;

  const next = async () => {
    if (busy) return;
    busy = true;
    for (;;) {
      const first = waiting.reduce<Waiting | undefined>((a, b) => (a && a.rank <= b.rank ? a : b), undefined);
      if (!first || (first.rank > 0 && unknown > 0)) break;
      waiting = waiting.filter((w) => w !== first);
      await first.run();
    }
    busy = false;
  };

  return async (ranking, work) => {
    unknown++;
    const rank = await ranking.finally(() => unknown--);
    const done = new Promise<void>((resolve, reject) => {
      waiting.push({ rank, run: () => work(rank).then(resolve, reject) });
    });
    void next();
    await done;
  };
}
