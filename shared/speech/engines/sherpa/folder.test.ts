import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSherpaFolder, sherpaConfig } from './folder.ts';
import { wordsOf } from './words.ts';

const WEIGHTS = fileURLToPath(new URL('../fixtures/streaming/model.onnx', import.meta.url));
let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-sherpa-'));
});
afterEach(() => rm(dir, { recursive: true }));

const given = async (about: unknown, ...files: readonly string[]): Promise<void> => {
  await writeFile(join(dir, 'turnstream.json'), JSON.stringify(about));
  for (const file of files) await copyFile(WEIGHTS, join(dir, file));
};
/** The configuration, with the names of files in the place of their paths. */
const configured = async () => {
  const { streaming, config } = sherpaConfig(await readSherpaFolder(dir));
  const text = JSON.stringify(config, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(dir) ? basename(value) : value,
  );
  return { streaming, ...(JSON.parse(text) as { readonly modelConfig: object }) };
};

describe('a folder of sherpa-onnx', () => {
  it.each<[string, boolean, readonly string[], object]>([
    [
      'streaming-transducer',
      true,
      ['encoder-epoch-99-avg-1.onnx', 'encoder-epoch-99-avg-1.int8.onnx', 'decoder-epoch-99-avg-1.onnx', 'joiner.onnx'],
      {
        transducer: {
          encoder: 'encoder-epoch-99-avg-1.int8.onnx',
          decoder: 'decoder-epoch-99-avg-1.onnx',
          joiner: 'joiner.onnx',
        },
      },
    ],
    [
      'streaming-paraformer',
      true,
      ['encoder.int8.onnx', 'decoder.int8.onnx'],
      { paraformer: { encoder: 'encoder.int8.onnx', decoder: 'decoder.int8.onnx' } },
    ],
    ['streaming-zipformer-ctc', true, ['model.onnx'], { zipformer2Ctc: { model: 'model.onnx' } }],
    ['streaming-nemo-ctc', true, ['model.onnx'], { nemoCtc: { model: 'model.onnx' } }],
    ['streaming-t-one-ctc', true, ['model.onnx'], { toneCtc: { model: 'model.onnx' } }],
    [
      'transducer',
      false,
      ['encoder.onnx', 'decoder.onnx', 'joiner.onnx'],
      { transducer: { encoder: 'encoder.onnx', decoder: 'decoder.onnx', joiner: 'joiner.onnx' } },
    ],
    ['paraformer', false, ['model.int8.onnx'], { paraformer: { model: 'model.int8.onnx' } }],
    ['zipformer-ctc', false, ['model.onnx'], { zipformerCtc: { model: 'model.onnx' } }],
    ['nemo-ctc', false, ['model.onnx'], { nemoCtc: { model: 'model.onnx' } }],
    ['sense-voice', false, ['model.onnx', 'model.int8.onnx'], { senseVoice: { model: 'model.int8.onnx' } }],
    [
      'whisper',
      false,
      ['base-encoder.int8.onnx', 'base-decoder.int8.onnx'],
      { whisper: { encoder: 'base-encoder.int8.onnx', decoder: 'base-decoder.int8.onnx' } },
    ],
  ])('of the kind %s is told to the library', async (kind, streaming, files, part) => {
    await given({ kind, languages: ['zh'] }, ...files);
    await writeFile(join(dir, kind === 'whisper' ? 'base-tokens.txt' : 'tokens.txt'), 'a 0\n');
    const config = await configured();
    expect(config).toMatchObject({ streaming, featConfig: { sampleRate: 16_000 }, modelConfig: part });
    expect(Object.keys(config.modelConfig)).toHaveLength(5);
  });

  it('has a name that says which weights it has', async () => {
    await given({ kind: 'sense-voice' }, 'model.onnx');
    await writeFile(join(dir, 'tokens.txt'), 'a 0\n');
    const { model } = await readSherpaFolder(dir);
    await writeFile(join(dir, 'tokens.txt'), 'b 0\n');
    expect((await readSherpaFolder(dir)).model).not.toBe(model);
  });
});

describe('the words of a result', () => {
  const result = (text: string, tokens: readonly string[], timestamps = tokens.map((_, i) => i / 10)) =>
    wordsOf({ text, tokens, timestamps }, 2_000)?.map(({ text: word, fromMs, toMs }) => `${word} ${fromMs}-${toMs}`);

  it('are put together from their pieces', () => {
    expect(result(' my order', [' my', ' or', 'der'])).toEqual(['my 0-100', 'order 100-700']);
  });
  it('are single characters in Chinese, also beside English', () => {
    expect(result('我要 refund', ['我', '要', ' re', 'fund'])).toEqual(['我 0-100', '要 100-200', 'refund 200-800']);
  });
  it('are not told where symbols and text differ, or times are missing', () => {
    expect(result('hello', ['he@@', 'llo'])).toBeUndefined();
    expect(result('hello', ['hello'], [])).toBeUndefined();
    expect(result('', [])).toBeUndefined();
  });
});
