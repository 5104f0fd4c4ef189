import { LRUCache } from 'lru-cache';

/** What has answered this lately is running. Shorter than any platform waits before it goes back to zero. */
const WARM_MS = 5_000;
const REMEMBERED = 10_000;

/** Which functions are known to run. */
export interface Warmth {
  /** A group has answered. */
  readonly answered: (group: string) => void;
  /** Whether nobody knows that a group runs. */
  readonly isCold: (group: string) => boolean;
  /**
   * Those of the groups that are to be warmed for a tenant now, and takes note that they are. A group that runs is
   * warmed for each tenant all the same, since what it has loaded may be another tenant's bot.
   */
  readonly due: (groups: readonly string[], tenant: string) => readonly string[];
}

/** Remembers who has answered. `clock`: milliseconds that never go back. */
export function warmth(clock: () => number): Warmth {
  const answers = new Map<string, number>();
  const warmed = new LRUCache<string, number>({ max: REMEMBERED });
  const isRecent = (at: number | undefined) => at !== undefined && clock() - at < WARM_MS;
  return {
    answered: (group) => void answers.set(group, clock()),
    isCold: (group) => !isRecent(answers.get(group)),
    due(groups, tenant) {
      const due = groups.filter((group) => !isRecent(warmed.get(`${group} ${tenant}`)));
      for (const group of due) warmed.set(`${group} ${tenant}`, clock());
      return due;
    },
  };
}
