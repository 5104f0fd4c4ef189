/** What became of a stretch of time. */
export interface Taken {
  /** As many as were asked for; silence where there was nothing to play. */
  readonly samples: Int16Array;
  /** How many of them are sound. */
  readonly filled: number;
  /** The marks that were reached by the end of it. */
  readonly marks: readonly string[];
}

/** What waits to be heard, with the marks between. */
export interface PlayQueue {
  play(samples: Int16Array): void;
  mark(name: string): void;
  /** Throws away what waits, and gives back its marks. Ends a pause. */
  clear(): readonly string[];
  pause(): void;
  resume(): void;
  /** So many samples of time pass. */
  take(count: number): Taken;
  /** Samples that wait. */
  readonly waiting: number;
}

export function playQueue(): PlayQueue;
