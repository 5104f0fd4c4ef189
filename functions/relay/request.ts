import type { MsgHdrs } from '@nats-io/nats-core';
import type { SessionId, TenantId } from '../../events/envelope.ts';
import { ATTEMPT, POSITION } from '../../shared/cloudevents/attributes.ts';
import { SEALED } from '../../shared/cloudevents/read.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { eventSubject } from '../../shared/log/subjects.ts';

/** A stored event as NATS delivers it. */
export interface Message {
  readonly headers?: MsgHdrs | undefined;
  readonly data: Uint8Array;
}

/** What is posted: headers as a flat list of names and values, and the body. */
export interface RelayRequest {
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

/** Says of what it is made by its first byte: every event's data is a JSON object, what is sealed begins otherwise. */
const OBJECT = '{'.charCodeAt(0);
/** What the log keeps beside the event, or what HTTP has a name of its own for. */
const NOT_PASSED_ON = new Set(['ce-datacontenttype', `ce-${POSITION}`, `ce-${ATTEMPT}`]);

/**
 * A stored event as a CloudEvent in binary mode. Attributes are written the same way in both bindings, so they are
 * passed on as they are; sealed data stays sealed, so the relay needs no keys and reads nothing of what customers say.
 * Fails with `event.malformed` (never) on what the function could not know to be wrong: a subject of another event.
 *
 * @param subject where the event is stored, which need not be where it came from.
 */
export function requestOf(
  { headers, data }: Message,
  subject: string,
  position: number,
  attempt: number,
): RelayRequest {
  if (!headers) throw malformed('not an event: no headers');
  const kind = headers.get('ce-kind');
  const named = {
    tenant: headers.get('ce-tenant') as TenantId,
    session: headers.get('ce-subject') as SessionId,
    type: headers.get('ce-type'),
    ...(kind !== '' && { kind }),
  };
  // Who may write to one session's subject must not speak in the name of another.
  if (eventSubject(named) !== subject) throw malformed('not the event that its subject names');
  const passed = [
    'content-type',
    data[0] === OBJECT ? 'application/json' : SEALED,
    'content-length',
    String(data.length),
    `ce-${POSITION}`,
    String(position),
    `ce-${ATTEMPT}`,
    String(attempt),
  ];
  for (const name of headers.keys()) {
    const isAttribute = name.startsWith('ce-') && !NOT_PASSED_ON.has(name);
    if (!isAttribute && name !== 'traceparent') continue;
    const value = headers.get(name);
    if (!VISIBLE.test(value)) throw malformed(`not an event: ${name.slice(0, 64)} is not a header`);
    passed.push(name, value);
  }
  return { headers: passed, body: data };
}

const VISIBLE = /^[\t -~]*$/u;

const malformed = (why: string) => new PlatformError('event.malformed', why, { retry: 'never' });
