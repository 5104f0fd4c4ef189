import { appendFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkModel } from './check.ts';
import { copyOf, edit, tiny, type Tiny } from './fixtures/copy.ts';
import { openEncoder } from './open.ts';
import { encoderSlot } from './slot.ts';

/** What is said of a tiny model after this was done to it. */
async function verdict(name: Tiny, damage: (dir: string) => Promise<unknown>): Promise<string> {
  await using copy = await copyOf(name);
  await damage(copy.dir);
  return await checkModel(copy.dir).then(
    () => 'good',
    (error: unknown) => {
      expect(error).toMatchObject({ code: 'model.invalid', retry: 'never' });
      return (error as Error).message;
    },
  );
}

const weights = 'onnx/model.onnx';
const wordsOf = (json: Record<string, unknown>) => (json['model'] as { readonly vocab: Record<string, number> }).vocab;

describe('a model is refused, with the file that is to blame,', () => {
  it.each(['config.json', 'tokenizer.json', 'tokenizer_config.json', weights])('without its %s', async (file) => {
    const said = await verdict('embedding', (dir) => rm(join(dir, file)));
    expect(said).toContain(file);
    expect(said).toContain('is missing');
  });

  it.each(['config.json', 'tokenizer.json', weights])('with an empty %s', async (file) => {
    expect(await verdict('embedding', (dir) => truncate(join(dir, file), 0))).toBe(`${file}: is empty`);
  });

  it('with weights that are cut off', async () => {
    expect(await verdict('embedding', (dir) => truncate(join(dir, weights), 20_000))).toBe(`${weights}: is cut off`);
  });

  it('with weights that are a pointer of Git LFS', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 24010842\n';
    expect(await verdict('embedding', (dir) => writeFile(join(dir, weights), pointer))).toContain(`${weights}: `);
  });

  it('with something behind the weights', async () => {
    expect(await verdict('embedding', (dir) => appendFile(join(dir, weights), '\u0003'))).toContain(`${weights}: `);
  });

  it('with a tokeniser that is none', async () => {
    const said = await verdict('embedding', (dir) => edit(dir, 'tokenizer.json', () => ({ version: '1.0' })));
    expect(said).toContain('tokenizer.json');
  });

  it('with a configuration that is no JSON, or says nonsense', async () => {
    expect(await verdict('embedding', (dir) => writeFile(join(dir, 'config.json'), '{'))).toContain('config.json: ');
    const absurd = (dir: string) => edit(dir, 'config.json', (json) => ({ ...json, hidden_size: 1e12 }));
    expect(await verdict('embedding', absurd)).toContain('config.json: hidden_size');
  });

  it.each([
    ['numbers', { hidden_size: 32 }, 'config.json: promises 32 numbers'],
    ['positions', { max_position_embeddings: 512 }, 'fails at 512 tokens, which config.json promises'],
    ['words', { vocab_size: 5_000 }, 'knows fewer words than the 5000'],
  ])('when its configuration promises more %s than there are', async (_, lie, said) => {
    expect(
      await verdict('embedding', async (dir) => {
        await edit(dir, 'config.json', (json) => ({ ...json, ...lie }));
        await edit(dir, 'tokenizer_config.json', (json) => ({ ...json, model_max_length: 512 }));
      }),
    ).toContain(said);
  });

  it('when its tokeniser knows more words than the weights', async () => {
    const more = (json: Record<string, unknown>) => {
      const vocab = wordsOf(json);
      return {
        ...json,
        model: { ...(json['model'] as object), vocab: { ...vocab, extra: Object.keys(vocab).length } },
      };
    };
    expect(await verdict('embedding', (dir) => edit(dir, 'tokenizer.json', more))).toContain('knows fewer words');
  });

  it('when it promises more labels than there are', async () => {
    const lie = { id2label: { 0: 'a', 1: 'b' } };
    expect(await verdict('classifier', (dir) => edit(dir, 'config.json', (json) => ({ ...json, ...lie })))).toContain(
      'config.json: promises 2 numbers',
    );
  });

  it('when it asks for a pooling that is not known', async () => {
    const file = '1_Pooling/config.json';
    const other = () => ({ pooling_mode_lasttoken: true });
    expect(await verdict('embedding', (dir) => edit(dir, file, other))).toContain(`${file}: `);
  });

  it('when it takes too long, or too much memory', async () => {
    const dir = tiny('embedding');
    await expect(checkModel(dir, { limitMs: 1 })).rejects.toMatchObject({ code: 'model.invalid' });
    await expect(checkModel(dir, { limitBytes: 1 << 20 })).rejects.toThrow('needs more than 1 MB');
  });
});

describe('a model in use', () => {
  it('goes on serving when another one is refused, and is replaced by a good one', async () => {
    const slot = await encoderSlot(tiny('embedding'));
    const before = slot.encoder.capabilities.model;
    await using bad = await copyOf('embedding');
    await truncate(join(bad.dir, weights), 9_000);
    await expect(slot.replace(bad.dir)).rejects.toMatchObject({ code: 'model.invalid' });
    expect(slot.encoder.capabilities.model).toBe(before);
    expect(await slot.encoder.embed(['still here'])).toHaveLength(1);

    const running = slot.encoder.embed(Array.from({ length: 100 }, () => 'where is my parcel'));
    const changed = await slot.replace(tiny('embedding-cls'));
    expect(slot.encoder.capabilities).toEqual(changed);
    expect(changed.model).not.toBe(before);
    expect(await running).toHaveLength(100);
    expect(await slot.encoder.embed(['the new one'])).toHaveLength(1);
    await slot.encoder.close();
  });

  it('is not started again with other files than those that were checked', async () => {
    await using copy = await copyOf('embedding');
    await hang(copy.dir);
    const opened = await openEncoder(copy.dir, { deadlineMs: 1_500 });
    await edit(copy.dir, 'config.json', (json) => ({ ...json, changed: true }));
    expect(await opened.embed(['loaded before'])).toHaveLength(1);
    await expect(opened.embed([TRAP])).rejects.toMatchObject({ code: 'encoder.timed-out' });
    await expect(opened.embed(['nobody there'])).rejects.toMatchObject({ code: 'encoder.timed-out' });
    await opened.close();
  });

  it('answers others after a text that its tokeniser never gets through', async () => {
    await using copy = await copyOf('embedding');
    await hang(copy.dir);
    const opened = await openEncoder(copy.dir, { deadlineMs: 1_500 });
    await expect(opened.embed([TRAP])).rejects.toMatchObject({ code: 'encoder.timed-out', retry: 'later' });
    expect(await opened.embed(['free again'])).toHaveLength(1);
    await opened.close();
  });
});

/** Makes the tokeniser look for a pattern that takes for ever on some texts. */
async function hang(dir: string): Promise<void> {
  const normalizer = { type: 'Replace', pattern: { Regex: '^(x+)+$' }, content: '' };
  await edit(dir, 'tokenizer.json', (json) => ({
    ...json,
    normalizer: { type: 'Sequence', normalizers: [normalizer, json['normalizer']] },
  }));
}

const TRAP = `${'x'.repeat(60)}!`;
