import type { Delivery, Outcome } from '../runtime/host.ts';
import type { Logger } from './logger.ts';

const EVERY_MS = 1_000;

/**
 * Logs failed deliveries, each kind of failure at most once a second and with the number of those left out: while the
 * log is away, every delivery fails each second.
 */
export function seldom(
  logger: Logger,
  now: () => number = () => performance.now(),
): (fn: string, delivery: Delivery, outcome: Extract<Outcome, { readonly error: unknown }>) => void {
  const last = new Map<string, { at: number; unsaid: number }>();
  return (fn, { stored, attempt }, { kind, error }) => {
    const key = `${fn} ${kind} ${error.code}`;
    const said = last.get(key);
    if (said && now() - said.at < EVERY_MS) {
      said.unsaid++;
      return;
    }
    last.set(key, { at: now(), unsaid: 0 });
    const { id, type, tenant, session } = stored.envelope;
    const about = { function: fn, attempt, event: id, type, tenant, session, position: stored.position };
    const more = said?.unsaid ? { unsaid: said.unsaid } : {};
    if (kind === 'retry') logger.warn('a step is tried again later', { ...about, ...more }, error);
    else logger.error('a step failed for good', { ...about, ...more }, error);
  };
}
