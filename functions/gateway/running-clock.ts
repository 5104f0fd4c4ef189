/** A clock in milliseconds that does not count the time in which the process stood still. */
export interface RunningClock {
  readonly now: () => number;
  /** Says that the process runs. To be called every `periodMs`. */
  readonly tick: () => void;
}

/** Later than this, and the process was not merely busy. */
const PAUSE_MS = 1_000;

/**
 * After a pause (of the machine, or of a debugger) timers run before anything that came meanwhile is read. By this clock
 * nobody's time is up then who would have had an answer in time.
 */
export function runningClock(periodMs: number, wall = () => performance.now()): RunningClock {
  let paused = 0;
  let last = wall();
  return {
    now: () => wall() - paused,
    tick: () => {
      const at = wall();
      const late = at - last - periodMs;
      if (late > PAUSE_MS) paused += late;
      last = at;
    },
  };
}
