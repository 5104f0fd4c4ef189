import type { MsgHdrs } from '@nats-io/nats-core';
import type { Envelope } from '../../events/envelope.ts';
import {
  ATTRIBUTES,
  decodeValue,
  encodeValue,
  envelopeFrom,
  FIELDS,
  integer,
  PREVIOUS,
  SPECVERSION,
} from '../cloudevents/attributes.ts';
import type { Stored } from './log.ts';
import { eventSubject, sessionSubject } from './subjects.ts';

/** Encrypts the data of events with the session's key; `open` is undefined once the key was destroyed. */
export interface Cipher {
  seal(event: Envelope, data: Uint8Array): Uint8Array | Promise<Uint8Array>;
  open(event: Envelope, sealed: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/** An event as it goes over NATS: CloudEvents 1.0, binary mode of the NATS binding. */
export interface Wire {
  readonly subject: string;
  readonly headers: MsgHdrs;
  readonly body: Uint8Array;
}

// Header names are lower case: NATS keeps their case. The trace context goes by its own name, as W3C has it.
const HEADERS = FIELDS.map(
  ([field, attribute]) => [field, attribute === ATTRIBUTES.traceparent ? attribute : `ce-${attribute}`] as const,
);
const HEADER_OF: Readonly<Record<string, string>> = Object.fromEntries(
  HEADERS.map(([field, header]) => [ATTRIBUTES[field], header]),
);
const PREVIOUS_HEADER = `ce-${PREVIOUS}`;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where the session has to stand for the append to be let in. */
export const EXPECTED = 'Nats-Expected-Last-Subject-Sequence';

/** Prepares an append. The store refuses it unless the session's newest event stands at `previous`. */
export async function encode(event: Envelope, previous: number, cipher?: Cipher): Promise<Wire> {
  let block =
    `NATS/1.0\r\nNats-Msg-Id: ${event.id}\r\n${EXPECTED}: ${previous}\r\n${EXPECTED}-Subject: ${sessionSubject(event)}\r\n` +
    `ce-specversion: ${SPECVERSION}\r\n${PREVIOUS_HEADER}: ${previous}\r\nce-datacontenttype: application/json\r\ncontent-type: application/json\r\n`;
  for (const [field, header] of HEADERS) {
    const value = event[field];
    if (value !== undefined) block += `${header}: ${encodeValue(value)}\r\n`;
  }
  const plain = Buffer.from(JSON.stringify(event.data));
  const body = cipher ? await cipher.seal(event, plain) : plain;
  return { subject: eventSubject(event), headers: rawHeaders(`${block}\r\n`), body };
}

/**
 * A header block that is written already. The client asks nothing of outgoing headers but `encode()`, and building
 * them through its own class takes half the CPU of a publish (bench/hop). ASCII only.
 */
export const rawHeaders = (block: string): MsgHdrs =>
  ({ encode: () => Buffer.from(block, 'latin1') }) as unknown as MsgHdrs;

/** Why a stored message is not an event. */
export type Unreadable = { readonly unreadable: 'malformed' | 'erased'; readonly why: string };

/** Reads a stored message back. Values are checked against the envelope's schema, data against its own later. */
export async function decode(
  headers: Pick<MsgHdrs, 'get'>,
  body: Uint8Array,
  position: number,
  cipher?: Cipher,
): Promise<Stored | Unreadable> {
  const read = envelopeFrom((attribute) => {
    const value = headers.get(HEADER_OF[attribute] ?? '');
    return value === '' ? undefined : decodeValue(value);
  }, undefined);
  if (!read.ok) return { unreadable: 'malformed', why: `${read.attribute} ${read.problem}` };
  const previous = integer(headers.get(PREVIOUS_HEADER));
  if (!(previous < position)) return { unreadable: 'malformed', why: `${PREVIOUS} is not valid` };
  const { envelope } = read;
  const plain = cipher ? await cipher.open(envelope, body) : body;
  if (plain === undefined) return { unreadable: 'erased', why: 'the key of the session was destroyed' };
  try {
    return { envelope: { ...envelope, data: JSON.parse(utf8.decode(plain)) as unknown }, position, previous };
  } catch {
    return { unreadable: 'malformed', why: 'data is not JSON' };
  }
}
