import { createHash } from 'node:crypto';
import type { TaggerModel } from './tag.ts';

/** The first bytes of every tagger file. */
export const MAGIC = 'TSTAG\n';
/** Raised with every change of the layout or of what a unit is; files of another version are refused. */
export const VERSION = 1;
export const HASH_BYTES = 32;
/** Magic, version (u16), length of the header (u32), hash of all but itself. */
export const PREFIX_BYTES = MAGIC.length + 2 + 4 + HASH_BYTES;

/** The arrays of a tagger in the order in which they stand in its file, and the bytes of one element. */
export const SECTIONS = [
  ['words', 4],
  ['clusters', 1],
  ['phrases', 4],
  ['phraseBegin', 4],
  ['list', 2],
  ['times', 2],
  ['seen', 2],
  ['units', 4],
  ['unitBegin', 4],
  ['delta', 2],
  ['weight', 1],
  ['from', 2],
  ['to', 2],
  ['chain', 4],
] as const;
/** The name of an array in a tagger file. */
export type Section = (typeof SECTIONS)[number][0];

/** A tagger as the bytes of its file: a prefix, a JSON header, and its arrays, little-endian. The same gives the same. */
export function encodeTagger({ kinds, lexicon, emissions, chain, beam }: TaggerModel): Buffer {
  const { words, clusters, gazetteer, learnt } = lexicon;
  const arrays: Record<Section, ArrayBufferView> = {
    words: words.grams(),
    clusters,
    phrases: gazetteer.phrases.grams(),
    phraseBegin: gazetteer.begin,
    list: gazetteer.list,
    times: gazetteer.times,
    seen: gazetteer.seen,
    units: emissions.units.grams(),
    unitBegin: emissions.begin,
    delta: emissions.delta,
    weight: emissions.weight,
    from: chain.from,
    to: chain.to,
    chain: chain.weights,
  };
  const lengths = Object.fromEntries(SECTIONS.map(([name, size]) => [name, arrays[name].byteLength / size]));
  const header = Buffer.from(
    JSON.stringify({ kinds, beam, learnt, near: chain.near, scale: emissions.scale, lengths }),
  );
  const body = Buffer.concat([
    header,
    ...SECTIONS.map(([name]) => {
      const { buffer, byteOffset, byteLength } = arrays[name];
      return Buffer.from(buffer, byteOffset, byteLength);
    }),
  ]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.write(MAGIC, 'latin1');
  prefix.writeUInt16LE(VERSION, MAGIC.length);
  prefix.writeUInt32LE(header.length, MAGIC.length + 2);
  hashOf(prefix, body).copy(prefix, PREFIX_BYTES - HASH_BYTES);
  return Buffer.concat([prefix, body]);
}

/** SHA-256 of a file without the hash in it. */
export function hashOf(prefix: Buffer, body: Buffer): Buffer {
  return createHash('sha256')
    .update(prefix.subarray(0, PREFIX_BYTES - HASH_BYTES))
    .update(body)
    .digest();
}
