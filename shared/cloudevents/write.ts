import type { Envelope } from '../../events/envelope.ts';
import type { Stored } from '../log/log.ts';
import { ATTEMPT, encodeValue, FIELDS, POSITION, PREVIOUS, SPECVERSION } from './attributes.ts';

/** What a request with an event is made of. */
export interface HttpMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A stored event in binary mode, with its place in the log. `attempt`: how often it was delivered, this time included. */
export function writeBinary({ envelope, position, previous }: Stored, attempt: number): HttpMessage {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'ce-specversion': SPECVERSION,
    [`ce-${POSITION}`]: String(position),
    [`ce-${PREVIOUS}`]: String(previous),
    [`ce-${ATTEMPT}`]: String(attempt),
  };
  for (const [field, name] of FIELDS) {
    const value = envelope[field];
    if (value !== undefined) headers[`ce-${name}`] = encodeValue(value);
  }
  if (envelope.traceparent !== undefined) headers['traceparent'] = envelope.traceparent;
  return { headers, body: JSON.stringify(envelope.data) };
}

/**
 * An event in structured mode, as JSON. Positions are written as text: a CloudEvents integer ends at 2^31, a stream
 * does not.
 */
export function writeStructured(envelope: Envelope, position: number): Readonly<Record<string, unknown>> {
  const attributes = FIELDS.flatMap(([field, name]) => {
    const value = envelope[field];
    return value === undefined ? [] : [[name, field === 'basis' ? String(value) : value] as const];
  });
  return {
    specversion: SPECVERSION,
    ...Object.fromEntries(attributes),
    [POSITION]: String(position),
    datacontenttype: 'application/json',
    data: envelope.data,
  };
}
