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
  readonly play: (samples: Int16Array) => void;
  readonly mark: (name: string) => void;
  /** Throws away what waits, and gives back its marks. Ends a pause. */
  readonly clear: () => readonly string[];
  readonly pause: () => void;
  readonly resume: () => void;
  /** So many samples of time pass. */
  readonly take: (count: number) => Taken;
  /** Samples that wait. */
  readonly waiting: number;
}

export function playQueue(): PlayQueue;
