import type { Stored } from '../log/log.ts';
import { ATTEMPT, envelopeFrom, integer, POSITION, PREVIOUS } from './attributes.ts';
import { malformed, type CloudEvent, type Malformed } from './event.ts';

/** An event that was stored and is on its way to a function. */
export interface Delivered {
  readonly ok: true;
  readonly stored: Stored;
  /** How often it was delivered, this time included. */
  readonly attempt: number;
}

/**
 * A CloudEvent as one of our own, with its place in the log: without that, a decider could not know whether it has read
 * far enough. The number of attempts is 1 where the sender does not count.
 */
export function deliveryFrom({ attributes, data }: CloudEvent): Delivered | Malformed {
  const read = envelopeFrom((name) => attributes.get(name), data);
  if (!read.ok) return malformed(read.attribute, read.problem);
  const position = number(attributes, POSITION, 1);
  if (typeof position !== 'number') return position;
  const previous = number(attributes, PREVIOUS, 0);
  if (typeof previous !== 'number') return previous;
  if (previous >= position) return malformed(PREVIOUS, `is not before ${POSITION}`);
  const attempt = attributes.has(ATTEMPT) ? number(attributes, ATTEMPT, 1) : 1;
  if (typeof attempt !== 'number') return attempt;
  return { ok: true, stored: { envelope: read.envelope, position, previous }, attempt };
}

function number(attributes: ReadonlyMap<string, string>, name: string, least: number): number | Malformed {
  const value = attributes.get(name);
  if (value === undefined) return malformed(name, 'is missing');
  const parsed = integer(value);
  return parsed >= least && Number.isSafeInteger(parsed) ? parsed : malformed(name, 'is not valid');
}
