import { inTurn } from '../log/in-turn.ts';

/** Runs work of one lane in order, and of different lanes side by side. */
export interface Lanes {
  readonly run: (lane: string, work: () => Promise<void>) => Promise<void>;
  /** Resolves when less than the allowed amount is under way or waiting. */
  readonly room: () => Promise<void>;
  /** Resolves when nothing is under way. */
  readonly idle: () => Promise<void>;
}

/** Lanes with at most `limit` pieces of work taken in at a time; any number once they are to be emptied. */
export function lanes(limit: number, emptying?: AbortSignal): Lanes {
  const turns = inTurn();
  let taken = 0;
  let waiting: (() => void)[] = [];
  const changed = () => {
    const wake = waiting;
    waiting = [];
    for (const resume of wake) resume();
  };
  emptying?.addEventListener('abort', changed, { once: true });
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => void waiting.push(resolve));
  };

  return {
    async run(lane, work) {
      taken++;
      try {
        await turns.take(lane, work);
      } finally {
        taken--;
        changed();
      }
    },
    room: () => until(() => taken < limit || emptying?.aborted === true),
    idle: () => until(() => taken === 0),
  };
}
