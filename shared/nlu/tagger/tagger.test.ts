import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { decodeTagger } from './decode.ts';
import { encodeTagger, hashOf, MAGIC, PREFIX_BYTES, HASH_BYTES } from './encode.ts';
import { sampleTexts } from './testing.ts';
import { taggerOf, trainTagger } from './tagger.ts';

const texts = sampleTexts(150, 1);
const tagger = trainTagger(texts, { seed: 7 });
const file = encodeTagger(tagger.model);

/** The file with its header or a byte changed, and a hash that fits again. */
function forged(change: (bytes: Buffer) => Buffer): Buffer {
  const bytes = change(Buffer.from(file));
  hashOf(bytes, bytes.subarray(PREFIX_BYTES)).copy(bytes, PREFIX_BYTES - HASH_BYTES);
  return bytes;
}

describe('a trained tagger', () => {
  it('finds values with their roles where they stand, and unknown ones by what stands around them', () => {
    const found = tagger.tag('👋 fly from Paris to Gotham');
    expect(found.map(({ entity, role, start, end }) => [entity, role, start, end])).toEqual([
      ['city', 'from', 11, 16],
      ['city', 'to', 20, 26],
    ]);
    expect(tagger.tag('what is the weather')).toEqual([]);
  });

  it('reads Chinese by character', () => {
    expect(tagger.tag('从成都到Rome的票').map(({ role, start, end }) => [role, start, end])).toEqual([
      ['from', 1, 3],
      ['to', 4, 8],
    ]);
  });

  it('is the same for the same seed, and another for another', () => {
    expect(encodeTagger(trainTagger(texts, { seed: 7 }).model).equals(file)).toBe(true);
    expect(encodeTagger(trainTagger(texts, { seed: 8 }).model).equals(file)).toBe(false);
  });

  it('keeps back what it is not sure enough of', () => {
    const strict = taggerOf(tagger.model, 0.9);
    const all = texts.flatMap(({ text }) => tagger.tag(text));
    const sure = texts.flatMap(({ text }) => strict.tag(text));
    expect(sure).toEqual(all.filter(({ confidence }) => confidence >= 0.9));
    expect(taggerOf(tagger.model, 1.1).tag(texts[0]?.text ?? '')).toEqual([]);
  });

  it('is surer of a value that the author lists', () => {
    const listed = trainTagger(texts, { seed: 7, lists: { city: ['Rome', 'Oslo', 'Lima', 'Kyoto', 'Nuuk'] } });
    const text = '从Nuuk到Rome的票';
    const [before, after] = [tagger, listed].map((each) => each.tag(text)[0]?.confidence ?? 0);
    expect(after).toBeGreaterThan(before ?? 1);
  });

  it('leaves out markings that it cannot learn from', () => {
    const entity = 'x';
    const bad = { text: 'a b c', entities: [5, 2, 0].map((start) => ({ entity, start, end: start === 5 ? 99 : 3 })) };
    expect(trainTagger([...texts, bad], {}).tag('hello there!')).toEqual([]);
    expect(trainTagger([], {}).tag('hello')).toEqual([]);
  });

  const wild = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom('😀', '\ud83d', '\ude00', 'to ', 'Paris', '从', '成都', "'s", '\u0000', 'ﷺ', '١')),
  );
  test.prop([wild])('tells ordered spans inside of any text', (given) => {
    const text = typeof given === 'string' ? given : given.join('');
    const length = Array.from(text).length;
    let before = 0;
    for (const { start, end, confidence } of tagger.tag(text)) {
      expect(start).toBeGreaterThanOrEqual(before);
      expect(end).toBeGreaterThan(start);
      expect(end).toBeLessThanOrEqual(length);
      expect(confidence).toBeGreaterThanOrEqual(0);
      expect(confidence).toBeLessThanOrEqual(1);
      before = end;
    }
  });

  it.each(['a', '从', '😀', '\ud83d', 'to Paris ', '\u0000', '١'])('answers for 10,000 characters of %j', (unit) => {
    const text = unit.repeat(10_000).slice(0, 10_000);
    for (const { end } of tagger.tag(text)) expect(end).toBeLessThanOrEqual(2_000);
  });
});

describe('a tagger file', () => {
  it('holds the tagger as it is', () => {
    const again = decodeTagger(file);
    expect(encodeTagger(again).equals(file)).toBe(true);
    const read = taggerOf(again);
    for (const { text } of texts) expect(read.tag(text)).toEqual(tagger.tag(text));
  });

  test.prop([fc.nat({ max: file.length - 1 }), fc.integer({ min: 1, max: 255 })])(
    'is refused with any byte changed',
    (at, by) => {
      const changed = Buffer.from(file);
      changed[at] = ((changed[at] ?? 0) + by) % 256;
      expect(() => decodeTagger(changed)).toThrow(/this tagger cannot be used/);
    },
  );

  test.prop([fc.nat({ max: file.length - 1 })])('is refused when cut short', (length) => {
    expect(() => decodeTagger(file.subarray(0, length))).toThrow(/this tagger cannot be used/);
  });

  it('is refused when it was made to do harm, though its hash fits', () => {
    const replaced = (from: string, to: string): Buffer =>
      forged((bytes) => {
        const at = bytes.indexOf(from);
        expect(at).toBeGreaterThan(0);
        bytes.write(to, at, 'latin1');
        return bytes;
      });
    expect(() => decodeTagger(replaced('"words":', '"wordz":'))).toThrow(/header is wrong/);
    expect(() => decodeTagger(replaced('"kinds":[', '"kinds":{'))).toThrow(/not JSON/);
    expect(() => decodeTagger(forged((bytes) => bytes.fill(0xff, bytes.length - 8)))).toThrow(/no numbers/);
    expect(() => decodeTagger(forged((bytes) => Buffer.concat([bytes, bytes])))).toThrow(/do not fill/);
    const { emissions } = tagger.model;
    const wild = { ...emissions, delta: emissions.delta.map(() => 32_000) };
    expect(() => decodeTagger(encodeTagger({ ...tagger.model, emissions: wild }))).toThrow(/outside of its kinds/);
    const jumping = { ...emissions, begin: emissions.begin.slice().reverse() };
    expect(() => decodeTagger(encodeTagger({ ...tagger.model, emissions: jumping }))).toThrow(/outside of it/);
  });

  it('is refused in another version, and when it is something else', () => {
    const newer = forged((bytes) => {
      bytes.writeUInt16LE(99, MAGIC.length);
      return bytes;
    });
    expect(() => decodeTagger(newer)).toThrow(/version 99/);
    expect(() => decodeTagger(Buffer.alloc(100))).toThrow(/no tagger/);
  });
});
