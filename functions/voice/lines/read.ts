import * as v from 'valibot';
import type { Codec, Format } from '../../../shared/speech/chunk.ts';
import type { LineEvent } from './line.ts';
import { malformed } from './speak.ts';

/** A number that some write as text. */
export const counter = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,15}$/u), v.transform(Number))]),
  v.safeInteger(),
  v.minValue(0),
);

/** Text that some write as a number. */
export const label = v.pipe(v.union([v.pipe(v.string(), v.maxLength(512)), v.pipe(v.number(), v.transform(String))]));

/** A key of a telephone. */
export const digit = v.pipe(label, v.toUpperCase(), v.regex(/^[\d*#A-D]$/u));

/** An object of a text frame; undefined where it is none. */
export function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Reads an object by a schema and says what it means; one that does not fit is malformed. */
export function understand<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  meaning: (read: v.InferOutput<S>) => LineEvent | undefined,
): readonly LineEvent[] {
  const read = v.safeParse(schema, value);
  if (!read.success) return [malformed('shape')];
  const event = meaning(read.output);
  return event ? [event] : [];
}

const BASE64 = /^[A-Za-z\d+/]*={0,2}$/u;

/** Bytes in base64, with or without padding; undefined where it is none. `Buffer` alone would skip what it cannot read. */
export function readBase64(text: string): Uint8Array | undefined {
  return BASE64.test(text) && text.replace(/=+$/u, '').length % 4 !== 1 ? Buffer.from(text, 'base64') : undefined;
}

const CODECS: Readonly<Record<string, Codec>> = {
  mulaw: 'mulaw',
  ulaw: 'mulaw',
  pcmu: 'mulaw',
  alaw: 'alaw',
  pcma: 'alaw',
  l16: 'l16',
  raw: 'l16',
  slin: 'l16',
  pcm: 'l16',
};
const RATES: ReadonlySet<number> = new Set([8_000, 12_000, 16_000, 24_000, 32_000, 44_100, 48_000]);

/** How sound is written, from the names that gateways use (`audio/x-mulaw`, `PCMU`, `slin16`); undefined if unknown. */
export function readFormat(encoding: string, rate: number): Format | undefined {
  const codec = CODECS[encoding.toLowerCase().replace(/^(?:audio|raw)\/(?:x-)?/u, '')];
  if (!codec || !RATES.has(rate) || (codec !== 'l16' && rate !== 8_000)) return undefined;
  return { codec, rate };
}

const MAX_PARAMETERS = 64;
const MAX_NAME = 128;
const MAX_VALUE = 4_096;

/** What the operator passed on, as text; what is nested, too long or too much is left out. */
export function readParameters(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  const entries = Object.entries(value).flatMap(([name, of]): [string, string][] => {
    if (typeof of !== 'string' && typeof of !== 'number' && typeof of !== 'boolean') return [];
    const text = String(of);
    return name.length <= MAX_NAME && text.length <= MAX_VALUE ? [[name, text]] : [];
  });
  return Object.fromEntries(entries.slice(0, MAX_PARAMETERS));
}
