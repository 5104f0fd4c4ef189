import { endings } from '../../events/catalogue.ts';
import type { Envelope } from '../../events/envelope.ts';
import { PlatformError } from '../errors/index.ts';
import type { Log, Stored } from '../log/log.ts';
import { readSession } from '../log/read.ts';
import { failpoint } from './failpoint.ts';
import type { Host } from './host.ts';

const ATTEMPTS = 50;
const ENDINGS = new Set<string>(endings.map((d) => d.type));

export const isEnding = (type: string): boolean => ENDINGS.has(type);

/**
 * Stores an event that a function emitted, after `since`, and returns what stands in the log: for a repeated id that
 * is the event stored before. Undefined where it may not stand any more: its turn has ended already, or the session
 * was purged.
 */
export async function place(
  host: Pick<Host, 'log' | 'tail'>,
  event: Envelope,
  since: number,
): Promise<Stored | undefined> {
  if (isEnding(event.type)) return placeEnding(host, event, since);
  failpoint('place.before-append');
  const placed = await host.tail.append(event, since).catch(ofASessionThatLeft);
  failpoint('place.after-append');
  return placed?.kind === 'duplicate' ? host.log.at(event, placed.position) : placed?.stored;
}

function ofASessionThatLeft(error: unknown): undefined {
  if (error instanceof PlatformError && error.code === 'session.gone') return undefined;
  throw error;
}

/** Endings exclude each other: one is let in only on top of a session of which it is known that the turn has none. */
async function placeEnding(
  { log, tail }: Pick<Host, 'log' | 'tail'>,
  event: Envelope,
  since: number,
): Promise<Stored | undefined> {
  let previous = since;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (previous !== since || since === 0) {
      failpoint('place.before-read');
      const later = await readSession(log, event, { after: since, through: previous });
      failpoint('place.after-read');
      const ended = endingOf(event.turn, later);
      if (ended) return ended.envelope.id === event.id ? ended : undefined;
      previous = later.at(-1)?.position ?? previous;
    }
    failpoint('place.before-append');
    const result = await log.append(event, previous);
    failpoint('place.after-append');
    if (result.kind === 'duplicate') return log.at(event, result.position);
    if (result.kind === 'appended') {
      tail.reached(event, result.stored.position);
      return result.stored;
    }
    previous = Math.max(since + 1, result.last ?? (await newest(log, event)));
  }
  throw new PlatformError('log.contended', `could not append ${event.type}`, { retry: 'later', retryAfterMs: 100 });
}

/** The ending of a turn among these events. */
export const endingOf = (turn: string | undefined, events: readonly Stored[]): Stored | undefined =>
  events.find(({ envelope }) => envelope.turn === turn && isEnding(envelope.type));

const newest = async (log: Log, event: Envelope) => (await log.latest(event)).at(-1)?.position ?? 0;
