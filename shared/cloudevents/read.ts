import { parseStrictJson } from '../http/strict-json.ts';
import { SPECVERSION } from './attributes.ts';
import { addAttribute, binaryAttributes, known, type Attributes } from './binary.ts';
import { malformed, type CloudEvent, type Malformed } from './event.ts';

const STRUCTURED = 'application/cloudevents+json';
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
  const attributes = binaryAttributes(headers);
  if (!(attributes instanceof Map)) return attributes;
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
  const attributes: Attributes = new Map();
  for (const [name, member] of Object.entries(members)) {
    if (member === null) continue;
    if (!isScalar(member)) return malformed(known(name), 'is not a text, a number or a truth value');
    const wrong = addAttribute(attributes, name, String(member));
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

function finish(
  attributes: Attributes,
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

function mediaType(header: string | null): { readonly type: string; readonly charset: string | undefined } {
  const [type = '', ...parameters] = (header ?? '').toLowerCase().split(';');
  const charset = parameters.map((p) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/u.exec(p)?.[1]).find((c) => c);
  return { type: type.trim(), charset };
}
