import { createHash } from 'node:crypto';
import { PlatformError } from '../../errors/index.ts';
import { padded } from './arena.ts';
import { checkedShape } from './encoder.ts';
import { inputsOf, pooledOf, type Layer, type Shape, type Weights } from './shape.ts';

/** "TSN" and the version of the format. */
const MAGIC = [0x54, 0x53, 0x4e, 0x02] as const;
const PREFIX = MAGIC.length + 4;
const DIGEST = 32;
const MOST_HEADER = 4 << 20;
const MOST_INTENTS = 10_000;

/**
 * A net as bytes: magic, length of the header, the header (JSON: shape, intents and how many bytes the net beside it
 * has), 4-bit table, floats (factors, convolutions, head) in little-endian order, the net beside it in the same form,
 * SHA-256 of all that.
 */
export function serialise(weights: Weights): Uint8Array {
  const { shape, intents, table } = weights;
  const beside = weights.beside ? serialise(weights.beside) : new Uint8Array(0);
  const header = new TextEncoder().encode(JSON.stringify({ shape, intents, beside: beside.length }));
  const floats = [table.factors, ...[...weights.convolutions, weights.head].flatMap((l) => [l.weights, l.bias])];
  const content = new Uint8Array(PREFIX + header.length + bytesOf(shape, intents.length) + beside.length);
  content.set(MAGIC);
  new DataView(content.buffer).setUint32(MAGIC.length, header.length, true);
  content.set(header, PREFIX);
  let at = PREFIX + header.length;
  for (const part of [packed(table.values), ...floats, beside]) {
    content.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  const whole = new Uint8Array(content.length + DIGEST);
  whole.set(content);
  whole.set(createHash('sha256').update(content).digest(), content.length);
  return whole;
}

/**
 * The net that `serialise` wrote. Anything else is refused with `nlu.net-refused` and the reason, before memory is
 * taken for what it claims to hold.
 */
export const deserialise = (bytes: Uint8Array): Weights => netIn(bytes, 1);

/** A net and up to `most` beside it. */
function netIn(bytes: Uint8Array, most: number): Weights {
  if (MAGIC.slice(0, 3).some((byte, i) => bytes[i] !== byte)) throw refused('it is none');
  if (bytes[3] !== MAGIC[3]) throw refused(`its format is ${bytes[3] ?? 0}, and not ${MAGIC[3]}`);
  if (bytes.length < PREFIX + DIGEST) throw refused('it is cut off');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  if (length > MOST_HEADER || PREFIX + length > bytes.length) throw refused('it is cut off');
  const content = bytes.subarray(0, bytes.length - DIGEST);
  if (!createHash('sha256').update(content).digest().equals(bytes.subarray(content.length))) {
    throw refused('its digest is wrong');
  }
  const { shape, intents, beside } = checkedHeader(bytes.subarray(PREFIX, PREFIX + length));
  if (beside > 0 && most === 0) throw refused('it holds more than two nets');
  const own = PREFIX + length + bytesOf(shape, intents.length);
  if (content.length !== own + beside) throw refused('it has another length');
  const next = reader(content, PREFIX + length);
  const values = unpacked(new Uint8Array(next((2 ** shape.bits * shape.dim) / 2)));
  const floats = (count: number) => new Float32Array(next(4 * count));
  const layer = (inputs: number, outputs: number): Layer => ({
    weights: floats(inputs * outputs),
    bias: floats(outputs),
  });
  const factors = floats(2 ** shape.bits);
  const convolutions = Array.from({ length: shape.layers }, (_, i) => layer(inputsOf(shape, i), shape.hidden));
  const head = layer(pooledOf(shape), padded(intents.length));
  const numbers = [factors, ...[...convolutions, head].flatMap(({ weights, bias }) => [weights, bias])];
  if (!numbers.every((part) => part.every(Number.isFinite))) throw refused('its weights are no numbers');
  const weights = { shape, table: { values, factors }, convolutions, head, intents };
  if (beside === 0) return weights;
  const other = netIn(content.subarray(own), most - 1);
  if (other.shape.bits !== shape.bits || other.intents.join('\n') !== intents.join('\n')) {
    throw refused('its nets do not belong together');
  }
  return { ...weights, beside: other };
}

/** Two numbers from -7 to 7 in a byte. */
function packed(values: Int8Array): Uint8Array {
  return Uint8Array.from({ length: values.length / 2 }, (_, i) => {
    const [low, high] = [values[2 * i] as number, values[2 * i + 1] as number];
    return (low & 15) | ((high & 15) << 4);
  });
}

function unpacked(bytes: Uint8Array): Int8Array {
  const values = new Int8Array(bytes.length * 2);
  bytes.forEach((byte, i) => {
    values[2 * i] = (byte << 28) >> 28;
    values[2 * i + 1] = (byte << 24) >> 28;
  });
  return values;
}

interface Header {
  readonly shape: Shape;
  readonly intents: readonly string[];
  /** Bytes of the net beside it; 0 for none. */
  readonly beside: number;
}

function checkedHeader(bytes: Uint8Array): Header {
  const header: unknown = parsed(bytes);
  const { shape, intents, beside } = (typeof header === 'object' && header !== null ? header : {}) as Record<
    string,
    unknown
  >;
  const known = Array.isArray(intents) && intents.length > 0 && intents.length <= MOST_INTENTS;
  if (!known || !intents.every((intent) => typeof intent === 'string')) throw refused('its intents are none');
  if (typeof beside !== 'number' || !Number.isInteger(beside) || beside < 0) throw refused('its header is wrong');
  return { shape: checkedShape(shape), intents, beside };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw refused('its header is no JSON', error);
  }
}

/** Bytes of table and floats. */
function bytesOf(shape: Shape, intents: number): number {
  const rows = 2 ** shape.bits;
  const inner = Array.from({ length: shape.layers }, (_, i) => (inputsOf(shape, i) + 1) * shape.hidden);
  const head = (pooledOf(shape) + 1) * padded(intents);
  return (rows * shape.dim) / 2 + 4 * inner.reduce((sum, floats) => sum + floats, rows + head);
}

/** Gives the next so many bytes, copied, so that floats may begin anywhere. */
function reader(bytes: Uint8Array, from: number): (count: number) => ArrayBuffer {
  let at = from;
  return (count) => {
    at += count;
    return new Uint8Array(bytes.subarray(at - count, at)).buffer;
  };
}

function refused(why: string, cause?: unknown): PlatformError {
  return new PlatformError('nlu.net-refused', `could not read a net: ${why}`, { retry: 'never', cause });
}
