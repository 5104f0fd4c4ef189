/** Work on one thing in the order in which it was asked for, one piece at a time; things do not wait for each other. */
export interface InTurn {
  /** What the work gives back, or how it fails. What was asked for before may fail: its turn is over all the same. */
  take<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when everything that was asked for until now is over. */
  over(): Promise<void>;
}

/** Begins at once where nothing is waited for; a thing of which no work is left is forgotten. */
export function inTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take(key, work) {
      const before = last.get(key);
      const mine = before ? before.then(work) : work();
      const settled = mine.catch(() => undefined);
      last.set(key, settled);
      try {
        return await mine;
      } finally {
        if (last.get(key) === settled) last.delete(key);
      }
    },
    async over() {
      await Promise.all(last.values());
    },
  };
}
