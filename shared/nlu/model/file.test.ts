import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeModel } from './decode.ts';
import { encodeModel, HASH_BYTES, PREFIX_BYTES } from './encode.ts';
import { readModel, writeModel } from './file.ts';
import { intentReader, trainIntentModel, type IntentExample } from './intent-model.ts';

const EXAMPLES: readonly IntentExample[] = [
  ['parcel', 'where is my parcel', 'track my parcel', 'my parcel is late', '我的包裹到哪了'],
  ['refund', 'i want a refund', 'refund please', 'where is my refund', '我要退款'],
  ['greet', 'hello', 'hi there', 'good morning', '你好'],
].flatMap(([intent = '', ...texts]) => texts.map((text) => ({ text, intent })));
const model = trainIntentModel(EXAMPLES, { seed: 1 });
const bytes = encodeModel(model);

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'model-'));
});
afterAll(() => rm(dir, { recursive: true }));

const refusal = (of: Uint8Array): string => {
  try {
    decodeModel(of);
  } catch (error) {
    return (error as Error).message.replace('this model cannot be used: ', '');
  }
  return 'taken';
};
/** The file with a change, and the hash that fits it: what somebody would make who knows the format. */
const forged = (change: (file: Buffer) => Buffer): Buffer => {
  const file = change(Buffer.from(bytes));
  createHash('sha256')
    .update(file.subarray(0, PREFIX_BYTES - HASH_BYTES))
    .update(file.subarray(PREFIX_BYTES))
    .digest()
    .copy(file, PREFIX_BYTES - HASH_BYTES);
  return file;
};

describe('a model file', () => {
  it('gives back the model that it was made of', async () => {
    const path = join(dir, 'a.model');
    expect(await writeModel(path, model)).toBe(bytes.length);
    const read = await readModel(path);
    expect(read).toEqual(model);
    expect(intentReader(read)('parcel where')).toEqual(intentReader(model)('parcel where'));
    expect(await readdir(dir)).toEqual(['a.model']);
  });

  it('is the same file for the same examples and seed', () => {
    expect(encodeModel(trainIntentModel(EXAMPLES, { seed: 1 })).equals(bytes)).toBe(true);
    expect(encodeModel(trainIntentModel(EXAMPLES, { seed: 2 })).equals(bytes)).toBe(false);
  });

  it('stays as it was where a new one cannot be written', async () => {
    const path = join(dir, 'none', 'a.model');
    await expect(writeModel(path, model)).rejects.toMatchObject({ code: 'model.unwritable' });
  });

  it('is refused where it is missing or no file', async () => {
    await expect(readModel(join(dir, 'none'))).rejects.toMatchObject({ code: 'model.missing', retry: 'never' });
    await expect(readModel(dir)).rejects.toMatchObject({ code: 'model.invalid' });
    await writeFile(join(dir, 'empty'), '');
    await expect(readModel(join(dir, 'empty'))).rejects.toThrow('too short');
    expect((await readFile(join(dir, 'empty'))).length).toBe(0);
  });

  it('is refused where it is another thing or another version', () => {
    expect(refusal(Buffer.from('PK\u0003\u0004'.repeat(100)))).toBe('it is no model of this platform');
    const newer = Buffer.from(bytes);
    newer.writeUInt16LE(5, 6);
    expect(refusal(newer)).toBe('it has version 5 of the format, this platform reads 3 and 4');
    const claimed = forged((it) => {
      it.writeUInt16LE(4, 6);
      return it;
    });
    expect(refusal(claimed)).toBe('its version does not fit what it holds');
  });

  test.prop([fc.integer({ min: 0, max: bytes.length - 1 })])('is refused where it ends early', (length) => {
    expect(refusal(bytes.subarray(0, length))).not.toBe('taken');
  });

  test.prop([fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 })])(
    'is refused with one byte changed',
    (at, by) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ by;
      expect(refusal(changed)).not.toBe('taken');
    },
  );

  test.prop([fc.integer({ min: PREFIX_BYTES, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 })])(
    'made to do harm is refused or does none',
    (at, by) => {
      const file = forged((it) => {
        it[at] = (it[at] ?? 0) ^ by;
        return it;
      });
      if (refusal(file) !== 'taken') return;
      for (const { text } of EXAMPLES)
        expect(intentReader(decodeModel(file))(text).ranked.length).toBeLessThanOrEqual(5);
    },
  );

  it.each([
    [
      'leads outside of its weights',
      { starts: model.linear.weights.starts.map((start, i) => (i === 1 ? 1e9 : start)) },
    ],
    ['goes backwards', { starts: model.linear.weights.starts.toReversed() }],
    ['names intents that it does not have', { classes: model.linear.weights.classes.map(() => 99) }],
    ['has weights that are no numbers', { scales: model.linear.weights.scales.map(() => NaN) }],
  ])('with the right hash that %s is refused', (_, wrong) => {
    const weights = { ...model.linear.weights, ...wrong };
    expect(refusal(encodeModel({ ...model, linear: { ...model.linear, weights } }))).toMatch(/^its weights|^it has/u);
  });

  it('that claims sizes beyond its own is refused before anything is made of them', () => {
    const claim = (from: string, to: string): Buffer =>
      forged((it) => {
        const at = it.indexOf(from);
        it.write(to, at, 'latin1');
        return it;
      });
    const grams = `"grams":${model.linear.vocabulary.grams.length}`;
    expect(refusal(claim(grams, `"grams":${'9'.repeat(grams.length - 8)}`))).toBe('its arrays do not belong together');
    expect(refusal(forged((it) => Buffer.concat([it, Buffer.alloc(8)])))).toBe('its arrays do not fill it');
  });
});
