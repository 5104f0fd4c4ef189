import { chance } from '../../shared/chance/index.ts';

/** What a network, a proxy or a queue does to a request now and then. */
export interface Faults {
  /** Refused with 503 before it gets anywhere. */
  readonly refused: number;
  /** The connection ends before the function is asked. */
  readonly droppedBefore: number;
  /** The function is asked, and its answer gets lost. */
  readonly droppedAfter: number;
  /** The function is asked twice. */
  readonly doubled: number;
}

export const NO_FAULTS: Faults = { refused: 0, droppedBefore: 0, droppedAfter: 0, doubled: 0 };

/** Draws what happens to the next request; the same seed gives the same luck. */
export function fates(faults: Faults, seed: number): () => keyof Faults | undefined {
  const next = chance(seed);
  const kinds = Object.entries(faults) as readonly (readonly [keyof Faults, number])[];
  return () => {
    let left = next();
    for (const [kind, share] of kinds) {
      if (left < share) return kind;
      left -= share;
    }
    return undefined;
  };
}
