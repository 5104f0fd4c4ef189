import { decodeValue } from './attributes.ts';
import { malformed, type Malformed } from './event.ts';

const MAX_ATTRIBUTES = 64;
const MAX_LENGTH = 2_048;
const NAME = /^[a-z0-9]{1,64}$/u;
const PREFIX = 'ce-';

/** Attributes of a CloudEvent by name, as text. */
export type Attributes = Map<string, string>;

/** The attributes in the headers of a request in binary mode, decoded; whatever else is there is left alone. */
export function binaryAttributes(headers: Iterable<readonly [string, string]>): Attributes | Malformed {
  const attributes: Attributes = new Map();
  for (const [header, value] of headers) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    const decoded = decodeValue(value);
    if (decoded === undefined) return malformed(known(name), 'is not percent-encoded UTF-8');
    const wrong = addAttribute(attributes, name, decoded);
    if (wrong) return wrong;
  }
  return attributes;
}

/** Adds an attribute, or says what is wrong with it. */
export function addAttribute(attributes: Attributes, name: string, value: string): Malformed | undefined {
  if (!NAME.test(name)) return malformed(known(name), 'is not the name of an attribute');
  if (value.length > MAX_LENGTH) return malformed(name, `is longer than ${MAX_LENGTH} characters`);
  if (attributes.size >= MAX_ATTRIBUTES) return malformed(name, `is one of more than ${MAX_ATTRIBUTES} attributes`);
  attributes.set(name, value);
  return undefined;
}

/** A name that may be repeated to whoever sent it: it might be anything. */
export const known = (name: string): string => (NAME.test(name) ? name : 'attribute');
