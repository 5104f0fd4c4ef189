import * as v from 'valibot';
import { Envelope } from '../../events/envelope.ts';

/** The fields of an envelope beside its data. */
export type EnvelopeField = Exclude<keyof Envelope, 'data'>;

/** The CloudEvents attribute of each field of the envelope, the same for every binding. */
export const ATTRIBUTES = {
  id: 'id',
  type: 'type',
  revision: 'revision',
  tenant: 'tenant',
  session: 'subject',
  turn: 'turn',
  time: 'time',
  causation: 'causation',
  emitter: 'source',
  kind: 'kind',
  basis: 'basis',
  traceparent: 'traceparent',
} as const satisfies Record<EnvelopeField, string>;

/** Fields and their attributes, in the order in which they are written. */
export const FIELDS = Object.entries(ATTRIBUTES) as readonly (readonly [EnvelopeField, string])[];

/** Where the event stands, the one before it in its session, and how often it was delivered: not part of the event. */
export const POSITION = 'position';
export const PREVIOUS = 'previous';
export const ATTEMPT = 'attempt';

export const SPECVERSION = '1.0';

const NUMBERS = new Set<EnvelopeField>(['revision', 'basis']);
// Printable ASCII but for the space, the quotation mark and the per cent sign.
const PLAIN = /^[!#$&-~]*$/u;
const INTEGER = /^\d{1,16}$/u;

/** An attribute's value as a header carries it: everything but printable ASCII percent-encoded. */
export const encodeValue = (value: string | number): string => {
  const text = String(value);
  // A lone surrogate has no bytes; what stands here was checked to have none, or becomes a question mark in a diamond.
  return PLAIN.test(text) ? text : text.toWellFormed().replace(/[^!#$&-~]/gu, percentEncoded);
};

/** An attribute's value from a header, decoded once; undefined where the encoding is broken. */
export function decodeValue(header: string): string | undefined {
  const quoted = header.startsWith('"') ? /^"((?:[^"\\]|\\.)*)"$/su.exec(header)?.[1] : undefined;
  const value = quoted === undefined ? header : quoted.replace(/\\(.)/gsu, '$1');
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/** A whole number; NaN where it is none, so that no schema accepts it. */
export const integer = (text: string): number => (INTEGER.test(text) ? Number(text) : NaN);

/** What an envelope was made of, or the first attribute that is wrong and why. */
export type ReadEnvelope =
  | { readonly ok: true; readonly envelope: Envelope }
  | { readonly ok: false; readonly attribute: string; readonly problem: string };

/** Puts an envelope together from attributes; `data` is checked against its own schema later. */
export function envelopeFrom(attribute: (name: string) => string | undefined, data: unknown): ReadEnvelope {
  const candidate: Record<string, unknown> = { data };
  for (const [field, name] of FIELDS) {
    const value = attribute(name);
    if (value !== undefined) candidate[field] = NUMBERS.has(field) ? integer(value) : value;
  }
  const parsed = v.safeParse(Envelope, candidate, { abortEarly: true });
  if (parsed.success) return { ok: true, envelope: parsed.output };
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) as EnvelopeField | null;
  const name = field === null ? 'data' : ATTRIBUTES[field];
  return { ok: false, attribute: name, problem: candidate[field ?? ''] === undefined ? 'is missing' : 'is not valid' };
}

const text = new TextEncoder();

const percentEncoded = (character: string): string =>
  Array.from(text.encode(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
