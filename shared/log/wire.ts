import type { MsgHdrs } from '@nats-io/nats-core';
import * as v from 'valibot';
import { Envelope } from '../../events/envelope.ts';
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

/** CloudEvents attribute of each envelope field. Names are lower case: NATS keeps the case of headers. */
const ATTRIBUTES = {
  id: 'ce-id',
  type: 'ce-type',
  revision: 'ce-revision',
  tenant: 'ce-tenant',
  session: 'ce-subject',
  turn: 'ce-turn',
  time: 'ce-time',
  causation: 'ce-causation',
  emitter: 'ce-source',
  basis: 'ce-basis',
  traceparent: 'traceparent',
} as const satisfies Partial<Record<keyof Envelope, string>>;
const FIELDS = Object.entries(ATTRIBUTES) as [keyof typeof ATTRIBUTES, string][];
const NUMBERS = new Set<string>(['revision', 'basis'] satisfies (keyof typeof ATTRIBUTES)[]);

const text = new TextEncoder();
const utf8 = new TextDecoder();

/** Where the session has to stand for the append to be let in. */
export const EXPECTED = 'Nats-Expected-Last-Subject-Sequence';

/** Prepares an append. The store refuses it unless the session's newest event stands at `previous`. */
export async function encode(event: Envelope, previous: number, cipher?: Cipher): Promise<Wire> {
  // No value needs the percent-encoding of the binding: the envelope's schema admits printable ASCII only.
  let block =
    `NATS/1.0\r\nNats-Msg-Id: ${event.id}\r\n${EXPECTED}: ${previous}\r\n${EXPECTED}-Subject: ${sessionSubject(event)}\r\n` +
    `ce-specversion: 1.0\r\nce-previous: ${previous}\r\nce-datacontenttype: application/json\r\ncontent-type: application/json\r\n`;
  for (const [field, attribute] of FIELDS) {
    const value = event[field];
    if (value !== undefined) block += `${attribute}: ${value}\r\n`;
  }
  const plain = text.encode(JSON.stringify(event.data));
  const body = cipher ? await cipher.seal(event, plain) : plain;
  return { subject: eventSubject(event), headers: rawHeaders(`${block}\r\n`), body };
}

/**
 * A header block that is written already. The client asks nothing of outgoing headers but `encode()`, and building
 * them through its own class takes half the CPU of a publish (bench/hop).
 */
export const rawHeaders = (block: string): MsgHdrs => ({ encode: () => text.encode(block) }) as unknown as MsgHdrs;

/** Why a stored message is not an event. */
export type Unreadable = { readonly unreadable: 'malformed' | 'erased'; readonly why: string };

/** Reads a stored message back. Values are checked against the envelope's schema, data against its own later. */
export async function decode(
  headers: Pick<MsgHdrs, 'get'>,
  body: Uint8Array,
  position: number,
  cipher?: Cipher,
): Promise<Stored | Unreadable> {
  const candidate: Record<string, unknown> = { data: undefined };
  for (const [field, attribute] of FIELDS) {
    const value = headers.get(attribute);
    if (value !== '') candidate[field] = NUMBERS.has(field) ? Number(value) : decodeURIComponentSafely(value);
  }
  const parsed = v.safeParse(Envelope, candidate);
  if (!parsed.success) return { unreadable: 'malformed', why: v.getDotPath(parsed.issues[0]) ?? 'envelope' };
  const envelope = parsed.output;
  const plain = cipher ? await cipher.open(envelope, body) : body;
  if (plain === undefined) return { unreadable: 'erased', why: 'the key of the session was destroyed' };
  try {
    return {
      envelope: { ...envelope, data: JSON.parse(utf8.decode(plain)) as unknown },
      position,
      previous: Number(headers.get('ce-previous')),
    };
  } catch {
    return { unreadable: 'malformed', why: 'data' };
  }
}

function decodeURIComponentSafely(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
