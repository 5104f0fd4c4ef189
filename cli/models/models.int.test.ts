import { cp, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyOf, tiny } from '../../shared/encoder/fixtures/copy.ts';
import { MODELS, type PinnedModel } from '../../shared/encoder/models.ts';
import { entryOf, startMirror } from '../../shared/encoder/store/mirror.fixture.ts';
import { SPEECH_MODELS } from '../../shared/speech/engines/models.ts';
import { turnstream } from '../testing.ts';
import { KNOWN } from './known.ts';
import { listed } from './list.ts';
import { pullModels } from './pull.ts';

let home = '';
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'turnstream-cli-models-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const models = (...args: readonly string[]) =>
  turnstream(['models', ...args], { env: { TURNSTREAM_MODELS_DIR: home, TURNSTREAM_MODELS_MIRROR: '' } });
const jsonOf = async (...args: readonly string[]) => {
  const { out, code } = await models(...args, '--json');
  return { code, ...(JSON.parse(out) as { readonly models: readonly Record<string, unknown>[] }) };
};

describe('turnstream models', () => {
  it('lists what can be pulled, with every checksum of the models of language pinned', async () => {
    const { models: all } = await jsonOf('pull', '--list');
    expect(all.map(({ name, state }) => [name, state])).toEqual(KNOWN.map(({ name }) => [name, 'not pulled']));
    expect(all.filter(({ pinned }) => pinned).map(({ name }) => name)).toEqual(MODELS.map(({ name }) => name));
    for (const { sha256, bytes } of MODELS.flatMap(({ files }) => files)) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/u);
      expect(bytes).toBeGreaterThan(0);
    }
  });

  it.each([
    [['pull'], 'a name is needed'],
    [['pull', 'nobody'], "no model is called 'nobody'"],
    [['pull', '../evil'], 'A model is named in letters'],
    [['remove', '../..'], 'A model is named in letters'],
    [['fly'], "unknown command 'fly' of models; there are pull, list, check, remove"],
    [[], 'a command is needed: pull, list, check, remove'],
  ])('refuses %j as called wrongly', async (args, said) => {
    const { code, out, err } = await models(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
  });

  it('says what to do where the source refuses, or has other bytes', async () => {
    await using mirror = await startMirror();
    const refused = await models('pull', 'bge-small-zh-v1.5', '--mirror', mirror.url);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('answered 404') as string });
    expect(await models('pull', 'bge-small-zh-v1.5', '--mirror', 'ftp://x')).toMatchObject({ code: 1 });
    const usb = await mkdtemp(join(tmpdir(), 'turnstream-usb-'));
    await cp(tiny('embedding'), join(usb, 'bge-small-zh-v1.5'), { recursive: true });
    await truncate(join(usb, 'bge-small-zh-v1.5/config.json'), 716);
    const other = await models('pull', 'bge-small-zh-v1.5', '--mirror', pathToFileURL(usb).href);
    await rm(usb, { recursive: true });
    expect(other.code).toBe(1);
    expect(other.err).toContain('config.json has the SHA-256');
    expect(other.err).toContain('ask another mirror');
  });

  it('pulls, lists, checks and removes', async () => {
    await using mirror = await startMirror();
    const list = [await entryOf('embedding')];
    await pullModels(['embedding'], { dir: home, mirror: mirror.url }, list);
    expect(await listed(home, list)).toMatchObject([{ name: 'embedding', state: 'here' }]);
    const checked = await jsonOf('check', 'embedding');
    expect(checked).toMatchObject({ code: 0, models: [{ name: 'embedding', good: true }] });

    await truncate(join(home, 'embedding/onnx/model.onnx'), 99);
    expect(await listed(home, list)).toMatchObject([{ name: 'embedding', state: 'incomplete' }]);
    expect(await jsonOf('check')).toMatchObject({
      code: 1,
      models: [{ good: false, reason: 'not what was pulled: onnx/model.onnx' }],
    });

    expect(await jsonOf('remove', 'embedding')).toMatchObject({ code: 0, models: [{ removed: true }] });
    expect(await jsonOf('remove', 'embedding')).toMatchObject({ code: 1, models: [{ removed: false }] });
  });

  it('pulls a recogniser of speech from a mirror, pins what came, and holds it to that', async () => {
    const usb = await mkdtemp(join(tmpdir(), 'turnstream-usb-'));
    const speech = (name: string) =>
      fileURLToPath(new URL(`../../shared/speech/engines/fixtures/${name}`, import.meta.url));
    const paths = ['model.onnx', 'tokens.txt'];
    const entry = (SPEECH_MODELS[0] ?? []) as PinnedModel;
    const model: PinnedModel = {
      ...entry,
      files: paths.map((path) => ({ path, bytes: undefined, sha256: undefined })),
      settings: { 'turnstream.json': { kind: 'streaming-nemo-ctc', languages: ['en'] } },
    };
    await cp(speech('streaming'), join(usb, model.name), { recursive: true });
    const mirror = pathToFileURL(usb).href;
    await pullModels([model.name], { dir: home, mirror }, [model]);
    expect(await listed(home, [model])).toMatchObject([{ name: model.name, state: 'here', pinned: false }]);
    const checked = await models('check', join(home, model.name));
    expect(checked.out).toMatch(/speech, en, 16 kHz, streaming, sherpa\/zipformer-zh-en@/u);
    expect((await models('check', speech('whisper'))).out).toContain('any language, 16 kHz, at the end');

    // Somebody exchanges the weights, here and at the mirror: neither passes for what was pulled.
    await cp(join(speech('sense-voice'), 'model.onnx'), join(usb, model.name, 'model.onnx'));
    await rm(join(home, model.name, 'model.onnx'));
    await expect(pullModels([model.name], { dir: home, mirror }, [model])).rejects.toThrow('model.onnx');
    await rm(usb, { recursive: true });
    expect(await jsonOf('remove', model.name)).toMatchObject({ code: 0 });
  });

  it('checks a model of one’s own by its path', async () => {
    const good = await models('check', tiny('classifier'));
    expect(good.code).toBe(0);
    expect(good.out).toContain('classifier, 3 numbers, 64 tokens');
    await using bad = await copyOf('classifier');
    await rm(join(bad.dir, 'tokenizer.json'));
    const found = await models('check', bad.dir);
    expect(found.code).toBe(1);
    expect(found.out).toContain('tokenizer.json: is missing');
  });
});
