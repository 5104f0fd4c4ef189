/** What has to be ended, however a bench ends. */
export interface Endings {
  readonly add: (end: () => unknown) => void;
  /** Ends everything, last begun first. Called again, it waits for the same ending. A part that fails holds up none. */
  readonly end: () => Promise<void>;
}

/** A list of what has to be ended. */
export function endings(onError: (error: unknown) => void): Endings {
  const all: (() => unknown)[] = [];
  let ending: Promise<void> | undefined;
  const endAll = async () => {
    for (const end of all.splice(0).reverse()) {
      try {
        await end();
      } catch (error) {
        onError(error);
      }
    }
  };
  return {
    add: (end) => void all.push(end),
    end: () => (ending ??= endAll()),
  };
}
