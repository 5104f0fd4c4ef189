import { createHash } from 'node:crypto';
import { serialise } from '../net/format.ts';
import type { IntentModel } from './intent-model.ts';

/** The first bytes of every model file. */
export const MAGIC = 'TSNLU\n';
/** Raised with every change of the layout or of the features; files of another version are refused. Without a net. */
export const VERSION = 3;
/** With a net, which stands behind the arrays as `serialise` (`shared/nlu/net`) wrote it. */
export const VERSION_WITH_NET = 4;
export const HASH_BYTES = 32;
/** Magic, version (u16), length of the header (u32), hash of all that follows. */
export const PREFIX_BYTES = MAGIC.length + 2 + 4 + HASH_BYTES;

/** The arrays of a model in the order in which they stand in its file, and the bytes of one element. */
const SECTIONS = [
  ['grams', 4],
  ['occurrences', 2],
  ['starts', 4],
  ['classes', 2],
  ['values', 1],
  ['scales', 4],
  ['biases', 4],
] as const;
export type SectionName = (typeof SECTIONS)[number][0];

/** The most intents whose numbers fit into one byte: beside a net, they are written so. It saves a seventh of the file. */
const NARROW = 256;

/** The arrays of a file and the bytes of one element of each. */
export const sectionsOf = (intents: number, net: boolean): readonly (readonly [SectionName, number])[] =>
  SECTIONS.map(([name, size]) => [name, name === 'classes' && net && intents <= NARROW ? 1 : size] as const);

/** Each array begins at a multiple of this, so that it can be used where it lies. */
export const ALIGNMENT = 8;

/**
 * A model as the bytes of its file: a prefix, a JSON header (intents, settings, calibration, the length of every
 * array), the arrays, little-endian, and the net. The hash covers header and arrays; the same model gives the same bytes.
 */
export function encodeModel({ intents, linear, calibration, seed, net }: IntentModel): Buffer {
  const { vocabulary, weights } = linear;
  const arrays: Record<SectionName, ArrayBufferView> = {
    grams: vocabulary.grams,
    occurrences: vocabulary.occurrences,
    ...weights,
  };
  const sections = sectionsOf(intents.length, net !== undefined);
  if (sections.some(([name, size]) => name === 'classes' && size === 1))
    arrays.classes = Uint8Array.from(weights.classes);
  const lengths = Object.fromEntries(sections.map(([name, size]) => [name, arrays[name].byteLength / size]));
  const netBytes = net && Buffer.from(serialise(net.weights));
  const beside = net &&
    netBytes && { cascade: net.cascade, best: net.best, answer: net.answer, bytes: netBytes.length };
  const fields = { intents, seed, texts: vocabulary.texts, calibration, lengths };
  const header = Buffer.from(JSON.stringify({ ...fields, ...(beside && { net: beside }) }));
  const body = Buffer.concat([
    padded(header, PREFIX_BYTES),
    ...sections.map(([name]) => {
      const { buffer, byteOffset, byteLength } = arrays[name];
      return padded(Buffer.from(buffer, byteOffset, byteLength), 0);
    }),
    ...(netBytes ? [padded(netBytes, 0)] : []),
  ]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt16LE(net ? VERSION_WITH_NET : VERSION, MAGIC.length);
  prefix.writeUInt32LE(header.length, MAGIC.length + 2);
  createHash('sha256')
    .update(prefix.subarray(0, PREFIX_BYTES - HASH_BYTES))
    .update(body)
    .digest()
    .copy(prefix, PREFIX_BYTES - HASH_BYTES);
  return Buffer.concat([prefix, body]);
}

/** How many bytes fill up to the next multiple. */
export function padding(length: number): number {
  return (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
}

function padded(bytes: Buffer, before: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(padding(before + bytes.length))]);
}
