import { parseStrictJson } from '../http/strict-json.ts';
import { decodeValue, SPECVERSION } from './attributes.ts';
import { malformed, type CloudEvent, type Malformed } from './event.ts';

const STRUCTURED = 'application/cloudevents+json';
const MAX_ATTRIBUTES = 64;
const MAX_LENGTH = 2_048;
const NAME = /^[a-z0-9]{1,64}$/u;
const PREFIX = 'ce-';
const REQUIRED = ['id', 'source', 'type'];

/** Whether a request claims to be a CloudEvent, in whichever mode. */
export const isCloudEvent = (headers: Headers): boolean =>
  headers.has('ce-specversion') || mediaType(headers.get('content-type')).type.startsWith('application/cloudevents');

/** What data is that was not opened yet: the bytes that the session's cipher has made. */
export const SEALED = 'application/octet-stream';

/**
 * Reads a CloudEvent 1.0 from an HTTP request, binary (`ce-*` headers) or structured (`application/cloudevents+json`).
 * Data has to be JSON, or `takesSealed` and bytes in binary mode. Says which attribute is wrong, and never repeats its
 * value.
 */
export function readCloudEvent(
  headers: Headers,
  body: Uint8Array,
  takesSealed = false,
): { readonly ok: true; readonly event: CloudEvent } | Malformed {
  const { type, charset } = mediaType(headers.get('content-type'));
  if (charset !== undefined && charset !== 'utf-8') return malformed('content-type', 'is not in UTF-8', 415);
  if (type === STRUCTURED) return structured(body);
  if (type.startsWith('application/cloudevents')) return malformed('content-type', 'is in an unknown format', 415);
  return binary(headers, type, body, takesSealed);
}

function binary(headers: Headers, contentType: string, body: Uint8Array, takesSealed: boolean) {
  const attributes = new Map<string, string>();
  for (const [header, value] of headers) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    const decoded = decodeValue(value);
    if (decoded === undefined) return malformed(name, 'is not percent-encoded UTF-8');
    const wrong = add(attributes, name, decoded);
    if (wrong) return wrong;
  }
  // The span that wrote the event; the header of the request itself may be that of a hop on the way.
  const hop = headers.get('traceparent');
  if (hop !== null && !attributes.has('traceparent')) attributes.set('traceparent', hop);
  if (!attributes.has('datacontenttype') && contentType) attributes.set('datacontenttype', contentType);
  const isSealed = takesSealed && attributes.get('datacontenttype') === SEALED;
  if (isSealed) attributes.delete('datacontenttype');
  return finish(attributes, () =>
    isSealed ? { value: body } : body.length === 0 ? { value: undefined } : parse(body),
  );
}

function structured(body: Uint8Array) {
  const document = parse(body);
  if (!('value' in document)) return malformed('data', notJson(document), 400);
  const { value } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed('data', 'is not an object');
  const { data, data_base64: base64, ...members } = value as Readonly<Record<string, unknown>>;
  const attributes = new Map<string, string>();
  for (const [name, member] of Object.entries(members)) {
    if (member === null) continue;
    if (!isScalar(member)) return malformed(known(name), 'is not a text, a number or a truth value');
    const wrong = add(attributes, name, String(member));
    if (wrong) return wrong;
  }
  if (base64 === undefined || base64 === null) return finish(attributes, () => ({ value: data }));
  if (data !== undefined) return malformed('data_base64', 'stands beside data');
  if (typeof base64 !== 'string' || !BASE64.test(base64)) return malformed('data_base64', 'is not base64');
  return finish(attributes, () => parse(Buffer.from(base64, 'base64')));
}

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/u;

function add(attributes: Map<string, string>, name: string, value: string): Malformed | undefined {
  if (!NAME.test(name)) return malformed(known(name), 'is not the name of an attribute');
  if (value.length > MAX_LENGTH) return malformed(name, `is longer than ${MAX_LENGTH} characters`);
  if (attributes.size >= MAX_ATTRIBUTES) return malformed(name, `is one of more than ${MAX_ATTRIBUTES} attributes`);
  attributes.set(name, value);
  return undefined;
}

function finish(
  attributes: Map<string, string>,
  read: () => ReturnType<typeof parse>,
): { readonly ok: true; readonly event: CloudEvent } | Malformed {
  const version = attributes.get('specversion');
  if (version === undefined) return malformed('specversion', 'is missing');
  if (version !== SPECVERSION) return malformed('specversion', `is not ${SPECVERSION}`);
  const missing = REQUIRED.find((name) => !attributes.get(name));
  if (missing !== undefined) return malformed(missing, 'is missing');
  const { type } = mediaType(attributes.get('datacontenttype') ?? 'application/json');
  if (!JSON_TYPE.test(type)) return malformed('datacontenttype', 'is not JSON', 415);
  const data = read();
  if (!('value' in data)) return malformed('data', notJson(data));
  attributes.delete('specversion');
  attributes.delete('datacontenttype');
  return { ok: true, event: { attributes, data: data.value } };
}

const JSON_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?json$/u;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parse(body: Uint8Array): ReturnType<typeof parseStrictJson> {
  try {
    return parseStrictJson(utf8.decode(body));
  } catch {
    return {};
  }
}

const notJson = ({ twice }: { readonly twice?: string }): string =>
  twice === undefined ? 'is not JSON' : 'has a name twice';

/** A name that may be repeated to whoever sent it: it might be anything. */
const known = (name: string): string => (NAME.test(name) ? name : 'attribute');

function mediaType(header: string | null): { readonly type: string; readonly charset: string | undefined } {
  const [type = '', ...parameters] = (header ?? '').toLowerCase().split(';');
  const charset = parameters.map((p) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/u.exec(p)?.[1]).find((c) => c);
  return { type: type.trim(), charset };
}
