import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlatformError } from '../errors/index.ts';
import { tiny } from './fixtures/copy.ts';
import { checkOnnxFile } from './onnx-file.ts';

let home = '';
let good: Buffer;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'turnstream-onnx-'));
  good = await readFile(join(tiny('embedding-cls'), 'onnx/model_quantized.onnx'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

/** Why a file with these bytes is refused; undefined where it is not. */
async function refusal(bytes: Uint8Array): Promise<string | undefined> {
  const file = join(home, 'model.onnx');
  await writeFile(file, bytes);
  try {
    checkOnnxFile(file, 'onnx/model.onnx');
    return undefined;
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'model.invalid') return error.message;
    throw error;
  }
}

const varint = (n: number): readonly number[] => (n < 0x80 ? [n] : [(n & 0x7f) | 0x80, ...varint(n >>> 7)]);
const number = (field: number, n: number) => [...varint(field * 8), ...varint(n)];
const content = (field: number, ...parts: readonly (readonly number[])[]) => {
  const bytes = parts.flat();
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
};
const text = (field: number, words: string) => content(field, [...Buffer.from(words)]);
const opset = (version: number) => content(8, number(2, version));
/** A model of ONNX version 8, operator set 17 and this graph. */
const model = (...graph: readonly (readonly number[])[]) =>
  Uint8Array.from([...number(1, 8), ...opset(17), ...content(7, ...graph)]);

describe('the structure of an ONNX file', () => {
  it('is accepted as other tools write it', async () => {
    expect(await refusal(good)).toBeUndefined();
  });

  it('is refused wherever the file was cut off', async () => {
    const step = Math.ceil(good.length / 400);
    for (let length = 0; length < good.length; length += step) {
      expect(await refusal(good.subarray(0, length)), `${length} bytes`).toMatch(/^onnx\/model\.onnx: /u);
    }
  });

  it('is refused or accepted, never more, with any byte changed', async () => {
    for (let at = 0; at < good.length; at += Math.ceil(good.length / 200)) {
      const changed = Buffer.from(good);
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      expect([undefined, 'string']).toContain((await refusal(changed)) === undefined ? undefined : 'string');
    }
  });

  it.each([
    ['something else', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\n'), /./u],
    ['another version', Uint8Array.from([...number(1, 99), ...opset(17), ...content(7)]), /ONNX version 99/u],
    ['operators of the future', Uint8Array.from([...number(1, 8), ...opset(99), ...content(7)]), /operator set 99/u],
    ['no graph', Uint8Array.from([...number(1, 8), ...opset(17)]), /no graph/u],
    ['weights in another file', model(content(5, number(14, 1))), /weights in other files/u],
    ['a place of weights elsewhere', model(content(5, content(13, text(1, 'location')))), /weights in other files/u],
    ['them in an attribute', model(content(1, content(5, content(5, number(14, 1))))), /weights in other files/u],
    ['them in a graph within', model(content(1, content(5, content(6, content(5, number(14, 1)))))), /other files/u],
    ['operators of its own', model(content(1, text(7, 'evil.example'))), /operators that nobody knows/u],
    ['them in a function', Uint8Array.from([...model(), ...content(25, content(7, text(7, 'x')))]), /nobody knows/u],
  ])('is refused with %s', async (_, bytes, reason) => {
    expect(await refusal(bytes)).toMatch(reason);
  });

  it('is refused with graphs within graphs without end', async () => {
    let graph: readonly number[] = content(6);
    for (let depth = 0; depth < 40; depth++) graph = content(6, content(1, content(5, graph)));
    expect(await refusal(model(content(1, content(5, graph))))).toMatch(/nested too deeply/u);
  });
});
