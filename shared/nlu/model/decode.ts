import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { PlatformError } from '../../errors/index.ts';
import { deserialise } from '../net/format.ts';
import {
  HASH_BYTES,
  MAGIC,
  padding,
  PREFIX_BYTES,
  sectionsOf,
  VERSION,
  VERSION_WITH_NET,
  type SectionName,
} from './encode.ts';
import type { IntentModel } from './intent-model.ts';
import type { NetPart } from './net-part.ts';
import { headerOf } from './header.ts';

/** More than any honest model needs; what claims more is refused before anything is made of it. */
export const LARGEST_MODEL = 256 * 1024 * 1024;
const LONGEST_HEADER = 4 * 1024 * 1024;

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LARGEST_MODEL));
const finite = v.pipe(v.number(), v.finite());
const Header = v.strictObject({
  intents: v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(256))), v.maxLength(0xffff)),
  seed: count,
  texts: count,
  calibration: v.strictObject({
    scale: v.pipe(finite, v.minValue(0)),
    best: v.strictTuple([finite, finite]),
    answer: v.strictTuple([finite, finite, finite]),
    threshold: v.pipe(finite, v.minValue(0), v.maxValue(1)),
  }),
  lengths: v.strictObject({
    grams: count,
    occurrences: count,
    starts: count,
    classes: count,
    values: count,
    scales: count,
    biases: count,
  }),
  net: v.optional(
    v.strictObject({
      cascade: v.strictObject({
        weight: v.pipe(finite, v.minValue(0), v.maxValue(1)),
        threshold: v.pipe(finite, v.minValue(0)),
      }),
      best: v.strictTuple([finite, finite]),
      answer: v.strictTuple([finite, finite, finite, finite]),
      bytes: count,
    }),
  ),
});
type Lengths = v.InferOutput<typeof Header>['lengths'];

/**
 * Reads the bytes of a model file. Throws `model.invalid` (never retry) with the reason for anything that is not
 * exactly what `encodeModel` wrote: wrong magic, another version, too short or too long, a hash that does not fit,
 * arrays that would lead outside of themselves.
 */
export function decodeModel(bytes: Uint8Array): IntentModel {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < PREFIX_BYTES) throw refused('it is too short to be a model');
  if (file.length > LARGEST_MODEL) throw refused('it is larger than 256 MB');
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC) throw refused('it is no model of this platform');
  const version = file.readUInt16LE(MAGIC.length);
  if (version !== VERSION && version !== VERSION_WITH_NET) {
    const read = `${VERSION} and ${VERSION_WITH_NET}`;
    throw refused(`it has version ${version} of the format, this platform reads ${read}`);
  }
  const headerLength = file.readUInt32LE(MAGIC.length + 2);
  const end = PREFIX_BYTES + headerLength;
  if (headerLength > LONGEST_HEADER || end > file.length) throw refused('it is truncated');
  const hash = createHash('sha256')
    .update(file.subarray(0, PREFIX_BYTES - HASH_BYTES))
    .update(file.subarray(PREFIX_BYTES));
  if (!hash.digest().equals(file.subarray(PREFIX_BYTES - HASH_BYTES, PREFIX_BYTES))) {
    throw refused('its hash does not fit: it is truncated or was changed');
  }
  const header = headerOf(Header, file.toString('utf8', PREFIX_BYTES, end), refused);
  const { intents, seed, texts, calibration, lengths, net } = header;
  if ((net !== undefined) !== (version === VERSION_WITH_NET)) throw refused('its version does not fit what it holds');
  checkLengths(lengths, intents.length);
  const layout = sectionsOf(intents.length, net !== undefined);
  const arrays = layout.reduce(
    (sum, [name, size]) => sum + lengths[name] * size + padding(lengths[name] * size),
    end + padding(end),
  );
  const total = arrays + (net ? net.bytes + padding(net.bytes) : 0);
  if (total !== file.length) throw refused('its arrays do not fill it');

  const parts = sections(file, end + padding(end), lengths, layout);
  const vocabulary = { grams: u32(parts.grams), occurrences: u16(parts.occurrences), texts };
  const weights = {
    starts: u32(parts.starts),
    classes:
      parts.classes.byteLength < 2 * lengths.classes
        ? Uint16Array.from(new Uint8Array(parts.classes))
        : u16(parts.classes),
    values: new Int8Array(parts.values),
    scales: new Float32Array(parts.scales),
    biases: new Float32Array(parts.biases),
  };
  checkReferences(weights, intents.length);
  const model = { intents, seed, calibration, linear: { vocabulary, weights } };
  if (!net) return model;
  const { bytes: size, ...beside } = net;
  return { ...model, net: { ...beside, weights: netOf(file.subarray(arrays, arrays + size), intents) } };
}

function netOf(bytes: Uint8Array, intents: readonly string[]): NetPart['weights'] {
  const weights = read(bytes);
  const alike = weights.intents.length === intents.length && weights.intents.every((it, i) => it === intents[i]);
  if (!alike) throw refused('its net has other intents');
  return weights;
}

function read(bytes: Uint8Array): NetPart['weights'] {
  try {
    return deserialise(bytes);
  } catch (cause) {
    if (!(cause instanceof PlatformError)) throw cause;
    throw refused(cause.message);
  }
}

const u32 = (bytes: ArrayBuffer): Uint32Array => new Uint32Array(bytes);
const u16 = (bytes: ArrayBuffer): Uint16Array => new Uint16Array(bytes);

/** A copy of each array, so that the file's bytes can go; the sum of the sizes was checked against the file. */
function sections(
  file: Buffer,
  from: number,
  lengths: Lengths,
  layout: ReturnType<typeof sectionsOf>,
): Record<SectionName, ArrayBuffer> {
  let at = from;
  const entries = layout.map(([name, size]) => {
    const bytes = lengths[name] * size;
    const part = new ArrayBuffer(bytes);
    new Uint8Array(part).set(file.subarray(at, at + bytes));
    at += bytes + padding(bytes);
    return [name, part] as const;
  });
  return Object.fromEntries(entries) as Record<SectionName, ArrayBuffer>;
}

function checkLengths({ grams, occurrences, starts, classes, values, scales, biases }: Lengths, intents: number): void {
  const fits =
    occurrences === grams && starts === grams + 1 && values === classes && scales === intents && biases === intents;
  if (!fits) throw refused('its arrays do not belong together');
}

/** A hash is no signature: whoever makes a file can hash it, so what leads into arrays is checked, too. */
function checkReferences({ starts, classes, scales, biases }: IntentModel['linear']['weights'], intents: number): void {
  let before = 0;
  for (const start of starts) {
    if (start < before || start > classes.length) throw refused('its weights lead outside of it');
    before = start;
  }
  if (starts[0] !== 0 || before !== classes.length) throw refused('its weights lead outside of it');
  for (const k of classes) if (k >= intents) throw refused('it has weights for intents that it does not name');
  for (const number of [...scales, ...biases])
    if (!Number.isFinite(number)) throw refused('its weights are no numbers');
}

function refused(reason: string): PlatformError {
  return new PlatformError('model.invalid', `this model cannot be used: ${reason}`, { retry: 'never' });
}
