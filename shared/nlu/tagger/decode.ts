import * as v from 'valibot';
import { PlatformError } from '../../errors/index.ts';
import { gramTable, type GramTable } from '../features/table.ts';
import { BLOCKS, startsOf } from './chain.ts';
import { HASH_BYTES, hashOf, MAGIC, PREFIX_BYTES, SECTIONS, VERSION, type Section } from './encode.ts';
import { labelCount } from './labels.ts';
import type { TaggerModel } from './tag.ts';
import { FURTHEST } from './units.ts';
import { headerOf } from '../model/header.ts';

/** More than any honest tagger needs; what claims more is refused before anything is made of it. */
export const LARGEST_TAGGER = 128 * 1024 * 1024;
const LONGEST_HEADER = 1024 * 1024;
/** A weight's place counts labels of up to seven tokens in 16 bits. */
export const MOST_KINDS = 2_000;

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LARGEST_TAGGER));
const name = v.pipe(v.string(), v.maxLength(256));
const Header = v.strictObject({
  kinds: v.pipe(
    v.array(v.strictObject({ entity: name, role: v.exactOptional(name), group: v.exactOptional(name) })),
    v.maxLength(MOST_KINDS),
  ),
  beam: v.strictObject({
    reach: v.pipe(v.number(), v.finite(), v.minValue(0)),
    part: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  }),
  learnt: count,
  near: count,
  scale: v.pipe(v.number(), v.finite()),
  lengths: v.strictObject(
    Object.fromEntries(SECTIONS.map(([section]) => [section, count])) as Record<Section, typeof count>,
  ),
});
type Lengths = Readonly<Record<Section, number>>;

/**
 * Reads the bytes of a tagger file. Throws `tagger.invalid` (never retry) with the reason for anything that is not
 * exactly what `encodeTagger` wrote: wrong magic, another version, too short or too long, a hash that does not fit,
 * arrays that would lead outside of themselves.
 */
export function decodeTagger(bytes: Uint8Array): TaggerModel {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < PREFIX_BYTES) throw refused('it is too short');
  if (file.length > LARGEST_TAGGER) throw refused('it is larger than 128 MB');
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC) throw refused('it is no tagger of this platform');
  const version = file.readUInt16LE(MAGIC.length);
  if (version !== VERSION) throw refused(`it has version ${version} of the format, this platform reads ${VERSION}`);
  const headerLength = file.readUInt32LE(MAGIC.length + 2);
  const end = PREFIX_BYTES + headerLength;
  if (headerLength > LONGEST_HEADER || end > file.length) throw refused('it is truncated');
  const hash = file.subarray(PREFIX_BYTES - HASH_BYTES, PREFIX_BYTES);
  if (!hashOf(file, file.subarray(PREFIX_BYTES)).equals(hash)) throw refused('it is truncated or was changed');
  const { kinds, beam, learnt, near, scale, lengths } = headerOf(
    Header,
    file.toString('utf8', PREFIX_BYTES, end),
    refused,
  );
  const total = SECTIONS.reduce((sum, [section, size]) => sum + lengths[section] * size, end);
  if (total !== file.length) throw refused('its arrays do not fill it');
  checkLengths(lengths, kinds.length, near);

  const part = sections(file, end, lengths);
  const to = new Uint16Array(part.to);
  const from = new Uint16Array(part.from);
  const begin = new Uint32Array(part.unitBegin);
  const phraseBegin = new Uint32Array(part.phraseBegin);
  const delta = new Int16Array(part.delta);
  checkSteps(begin, delta.length);
  checkSteps(phraseBegin, lengths.list);
  if (!isSorted(to.subarray(0, near)) || !isSorted(to.subarray(near))) throw refused('its chain has no order');
  for (const pairs of [from, to]) for (const kind of pairs) if (kind >= kinds.length) throw refused(OUTSIDE_KINDS);
  const labels = labelCount(kinds.length);
  for (const place of delta)
    if (place < -FURTHEST * labels || place >= (FURTHEST + 1) * labels) throw refused(OUTSIDE_KINDS);
  const weights = new Float32Array(part.chain);
  if (!weights.every(Number.isFinite)) throw refused('its weights are no numbers');

  return {
    kinds,
    beam,
    lexicon: {
      words: tableOf(part.words),
      clusters: new Uint8Array(part.clusters),
      gazetteer: {
        phrases: tableOf(part.phrases),
        begin: phraseBegin,
        list: new Uint16Array(part.list),
        times: new Uint16Array(part.times),
        seen: new Uint16Array(part.seen),
      },
      learnt,
    },
    emissions: { units: tableOf(part.units), begin, delta, weight: new Int8Array(part.weight), scale },
    chain: { kinds: kinds.length, from, to, near, starts: startsOf(kinds.length, to, near), weights },
  };
}

const OUTSIDE_KINDS = 'its weights lead outside of its kinds';

function checkLengths(lengths: Lengths, kinds: number, near: number): void {
  const fits =
    lengths.clusters === lengths.words &&
    lengths.seen === lengths.phrases &&
    lengths.phraseBegin === lengths.phrases + 1 &&
    lengths.times === lengths.list &&
    lengths.unitBegin === lengths.units + 1 &&
    lengths.weight === lengths.delta &&
    lengths.from === lengths.to &&
    near <= lengths.to &&
    lengths.chain === BLOCKS * kinds + lengths.to;
  if (!fits) throw refused('its arrays do not belong together');
}

/** A hash is no signature: whoever makes a file can hash it, so what leads into arrays is checked, too. */
function checkSteps(begin: Uint32Array, length: number): void {
  if (begin[0] !== 0 || begin.at(-1) !== length || !isSorted(begin)) throw refused('its weights lead outside of it');
}

function isSorted(numbers: Uint32Array | Uint16Array): boolean {
  for (let i = 1; i < numbers.length; i += 1) if ((numbers[i] as number) < (numbers[i - 1] as number)) return false;
  return true;
}

/** Every part as memory of its own: the file need not be kept, and parts need no alignment. */
function sections(file: Buffer, end: number, lengths: Lengths): Record<Section, ArrayBuffer> {
  let at = end;
  const parts = SECTIONS.map(([section, size]) => {
    const from = at;
    at += lengths[section] * size;
    return [section, Uint8Array.from(file.subarray(from, at)).buffer] as const;
  });
  return Object.fromEntries(parts) as Record<Section, ArrayBuffer>;
}

function tableOf(bytes: ArrayBuffer): GramTable {
  const grams = new Uint32Array(bytes);
  const table = gramTable(grams.length);
  for (const gram of grams) table.add(gram);
  if (table.size !== grams.length) throw refused('it names the same thing twice');
  return table;
}

function refused(reason: string): PlatformError {
  return new PlatformError('tagger.invalid', `this tagger cannot be used: ${reason}`, { retry: 'never' });
}
