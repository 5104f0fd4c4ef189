import { cp, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { sherpaVoice } from './sherpa.ts';

const TINY = fileURLToPath(new URL('../engines/fixtures/voice', import.meta.url));
const never = () => new AbortController().signal;

describe('a voice of sherpa-onnx', () => {
  const voice = sherpaVoice(TINY);
  afterAll(() => voice.close());

  it('says a sentence: a tenth of a second for each symbol of the tiny one', async () => {
    const { rate, samples } = await voice.say('yes no', 'en', never());
    expect(rate).toBe(16_000);
    expect(samples.length / rate).toBeGreaterThanOrEqual(0.4);
    expect(Math.max(...samples)).toBeGreaterThan(5_000);
    expect(voice.name).toBe('sherpa/voice/0');
  });

  it('is not waited for by those who have gone, and says the next sentence', async () => {
    await expect(voice.say('hello', 'en', AbortSignal.abort())).rejects.toMatchObject({ retry: 'later' });
    expect((await voice.say('hello', 'en', never())).samples.length).toBeGreaterThan(0);
  });

  it('comes back after its process was lost', async () => {
    await voice.close();
    expect((await voice.say('yes', 'en', never())).samples.length).toBeGreaterThan(0);
  });

  it.each<[string, (dir: string) => Promise<unknown>, RegExp]>([
    ['without turnstream.json', (dir) => rm(join(dir, 'turnstream.json')), /^turnstream.json: is missing/u],
    [
      'of a kind that nobody knows',
      (dir) => writeFile(join(dir, 'turnstream.json'), '{"kind":"x"}'),
      /kind is not valid/u,
    ],
    ['without weights', (dir) => rm(join(dir, 'model.onnx')), /^model.onnx: is missing/u],
    ['with half of its weights', (dir) => truncate(join(dir, 'model.onnx'), 200), /^model.onnx: is cut off/u],
    ['without tokens', (dir) => rm(join(dir, 'tokens.txt')), /^tokens.txt: is missing/u],
    ['without a lexicon', (dir) => rm(join(dir, 'lexicon.txt')), /^lexicon.txt: is missing/u],
    [
      'with weights of another kind',
      (dir) => cp(join(TINY, '../streaming/model.onnx'), join(dir, 'model.onnx')),
      /gone/u,
    ],
  ])('%s is refused, and takes nothing with it', async (_what, damage, said) => {
    const dir = await mkdtemp(join(tmpdir(), 'turnstream-voice-'));
    try {
      await cp(TINY, dir, { recursive: true });
      await damage(dir);
      const spoken = (async () => sherpaVoice(dir).say('yes', 'en', never()))();
      await expect(spoken).rejects.toThrow(said);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
