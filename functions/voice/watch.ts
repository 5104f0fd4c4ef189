import type { Logger } from '../../shared/telemetry/logger.ts';
import type { CallWatch } from './options.ts';

/** Tells of calls in the log of the process. Frames that are wrong come by the thousand, so only the first are told. */
export function callWatch(logger: Logger): CallWatch {
  const told = new Map<string, number>();
  return {
    began(gateway) {
      logger.info('a call began', { gateway });
    },
    ended(gateway, reason, ms) {
      logger.info('a call ended', { gateway, reason, ms });
    },
    flaw(gateway, kind) {
      const key = `${gateway} ${kind}`;
      const count = (told.get(key) ?? 0) + 1;
      told.set(key, count);
      // The 1st, 10th, 100th and so on.
      if (Number.isInteger(Math.log10(count)))
        logger.warn('a gateway sent what cannot be used', { gateway, kind, count });
    },
    failed(what, error) {
      logger.error('something about a call failed', { what }, error);
    },
  };
}
