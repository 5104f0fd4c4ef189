import type { Tail } from '../../shared/log/append.ts';
import type { Log } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { PlatformError } from '../../shared/errors/index.ts';

const ATTEMPTS = 50;

/**
 * Appends to the end of sessions what must not stand there twice, however long ago the first time was: an attempt may
 * be repeated hours later, when the store has long forgotten the id. Each append is let in only on top of a session of
 * which it is known that the event does not follow its `hint`, which is the position of its cause.
 */
export function onceTail(log: Log): Tail {
  return {
    async append(event, hint = 0) {
      let previous = hint;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const result = await log.append(event, previous);
        if (result.kind !== 'conflict') return result;
        const later = await readSession(log, event, { after: hint, through: result.last ?? 0 });
        const known = later.find(({ envelope }) => envelope.id === event.id);
        if (known) return { kind: 'duplicate', position: known.position };
        // The cause is gone, and the session with it: nobody is left to be told, and nothing stands at its place.
        if (result.last !== undefined && result.last < hint) return { kind: 'duplicate', position: hint };
        previous = later.at(-1)?.position ?? previous;
      }
      throw new PlatformError('log.contended', `could not append ${event.type}`, { retry: 'later', retryAfterMs: 100 });
    },
    reached: () => undefined,
  };
}
