import { InvalidArgumentError } from 'commander';
import * as v from 'valibot';
import { EventId, SessionId, TenantId } from '../events/envelope.ts';

// Parsers of options. Each says in a few words what would have been right.

const parser =
  <T>(schema: v.GenericSchema<unknown, T>, expected: string) =>
  (value: string): T => {
    const parsed = v.safeParse(schema, value);
    if (parsed.success) return parsed.output;
    throw new InvalidArgumentError(expected);
  };

export const sessionId = parser(
  SessionId,
  'A session id has 26 letters and digits, or 32 hexadecimal digits: `turnstream sessions` lists them.',
);
export const turnId = parser(EventId, 'A turn id has 26 letters and digits.');
export const tenantId = parser(TenantId, 'A tenant is named in lower-case letters, digits and dashes.');
export const localeTag = parser(
  v.pipe(v.string(), v.regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/u)),
  'A language is a tag like zh or en-GB.',
);

const hasProtocol = (protocols: readonly string[]) => (value: string) =>
  URL.canParse(value) && protocols.includes(new URL(value).protocol);
export const webUrl = parser(
  v.pipe(v.string(), v.check(hasProtocol(['http:', 'https:']))),
  'An address begins with http:// or https://.',
);
export const natsUrls = parser(
  v.pipe(
    v.string(),
    v.check((all) => all.split(',').every(hasProtocol(['nats:', 'tls:']))),
  ),
  'A server is named like nats://127.0.0.1:4222; several are separated by commas.',
);

/** A whole number between two others. */
export const whole = (min: number, max: number) =>
  parser(
    v.pipe(v.string(), v.regex(/^\d+$/u), v.toNumber(), v.minValue(min), v.maxValue(max)),
    `A whole number from ${min} to ${max} is needed.`,
  );
