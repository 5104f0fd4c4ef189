import { PlatformError } from '../errors/index.ts';
import type { Stored } from '../log/log.ts';
import type { Outcome, Settled } from './host.ts';

/** Turns a failure of the platform's own doing into an outcome. */
export async function guarded<T>(run: () => Promise<T>): Promise<T | Outcome> {
  try {
    return await run();
  } catch (cause) {
    const error =
      cause instanceof PlatformError
        ? cause
        : new PlatformError('runtime.failed', 'a step failed', { retry: 'later', cause });
    return error.retry === 'never'
      ? { kind: 'rejected', error }
      : { kind: 'retry', afterMs: error.retryAfterMs ?? 1_000, error };
  }
}

/** The outcome of a step that ended with these events in the log. */
export const done = (events: readonly Stored[], settled?: Settled): Outcome => ({
  ...(events.length > 0 ? { kind: 'appended', events } : { kind: 'ignored' }),
  ...(settled !== undefined && { settled }),
});
