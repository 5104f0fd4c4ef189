import type { Watching } from '../../shared/telemetry/start.ts';
import type { CallWatch } from './options.ts';

/** Counts calls, and tells of them. Frames that are wrong come by the thousand, so few of them are told. */
export function callWatch({ logger, callMetrics }: Pick<Watching, 'logger' | 'callMetrics'>): CallWatch {
  const told = new Map<string, number>();
  return {
    began(gateway) {
      logger.info('a call began', { gateway });
    },
    ended(gateway, reason, ms) {
      callMetrics.callEnded(gateway, reason, ms);
      logger.info('a call ended', { gateway, reason, ms });
    },
    flaw(gateway, kind) {
      callMetrics.callFlaw(gateway, kind);
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
