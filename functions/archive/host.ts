import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from '../../shared/runtime/pull.ts';
import { archiveOnce } from './archive-once.ts';
import type { Archive, Report } from './archive.ts';

export interface ArchiveHostOptions {
  readonly everyMs: number;
  readonly onReport: (report: Report) => void;
  /** A look that failed as a whole; the next one begins where it ended. */
  readonly onError: (error: unknown) => void;
}

/** Looks at the log again and again until it is stopped. What is under way then is finished first. */
export function archiveHost(archive: Archive, { everyMs, onReport, onError }: ArchiveHostOptions): Running {
  const stopping = new AbortController();
  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await archiveOnce(archive).then(onReport, onError);
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
