import type { Context } from 'hono';
import * as v from 'valibot';
import { binaryAttributes } from '../../shared/cloudevents/binary.ts';
import { invalid } from '../../shared/http/problem.ts';
import { checked } from './exchange.ts';
import { headerOf } from './header.ts';

/** A CloudEvent, as far as it is ours to use. */
export interface CloudEvent {
  readonly type: string;
  readonly data: unknown;
  /** Source and id together name an event. */
  readonly key: string;
}

const required = v.pipe(v.string(), v.minLength(1, 'is empty'), v.maxLength(256));
const Attributes = v.looseObject({
  specversion: v.literal('1.0'),
  id: required,
  source: required,
  type: required,
  datacontenttype: v.exactOptional(v.pipe(v.string(), v.regex(/^application\/json\b/iu, 'has to be application/json'))),
  subject: v.exactOptional(v.string()),
});

/** The attributes of a CloudEvent in structured mode; those of extensions are let through. */
export const StructuredCloudEvent = v.looseObject({ ...Attributes.entries, data: v.unknown() });

/** Attributes by which our own events say who wrote them and where they belong. Nobody else may. */
const OURS = [
  'tenant',
  'session',
  'turn',
  'causation',
  'emitter',
  'basis',
  'previous',
  'revision',
  'position',
] as const;

/** Whether a request is a CloudEvent in binary mode. */
export const isBinary = (c: Context): boolean => headerOf(c, 'ce-specversion') !== undefined;

/** Reads binary mode: attributes in headers, data in the body. */
export function binaryCloudEvent(c: Context, session: string, data: unknown): CloudEvent {
  const attributes = binaryAttributes(Object.entries(c.req.header()));
  if (!(attributes instanceof Map)) throw invalid(`ce-${attributes.attribute}`, attributes.problem);
  const parsed = v.safeParse(Attributes, Object.fromEntries(attributes));
  if (parsed.success) return read(parsed.output, session, data, 'ce-');
  const [issue] = parsed.issues;
  throw invalid(`ce-${v.getDotPath(issue) ?? ''}`, issue.received === 'undefined' ? 'is missing' : 'is not valid');
}

/** Reads structured mode: everything in the body. */
export function structuredCloudEvent(session: string, body: unknown): CloudEvent {
  const event = checked(StructuredCloudEvent, body);
  if ('data_base64' in event) throw invalid('data_base64', 'is not supported: data has to be JSON');
  return read(event, session, event.data);
}

function read(attributes: v.InferOutput<typeof Attributes>, session: string, data: unknown, prefix = ''): CloudEvent {
  for (const name of OURS) if (name in attributes) throw invalid(`${prefix}${name}`, 'may not be set from outside');
  const { type, source, id, subject } = attributes;
  if (subject !== undefined && subject !== session) throw invalid(`${prefix}subject`, 'is not the session of the path');
  return { type, data, key: JSON.stringify([source, id]) };
}
