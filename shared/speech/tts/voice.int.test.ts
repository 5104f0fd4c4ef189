import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeWav } from '../wav.ts';
import { commandVoice } from './command.ts';
import { remembering } from './remembering.ts';
import { remoteVoice } from './remote.ts';
import type { Voice } from './voice.ts';

const never = () => new AbortController().signal;
const WAV = writeWav({ rate: 24_000, samples: Int16Array.from({ length: 2_400 }, (_, i) => i) });
const node = (script: string) => ({ command: [process.execPath, '-e', script] as const });
const isInstalled = spawnSync('espeak-ng', ['--version']).status === 0;

describe('a program', () => {
  it.skipIf(!isInstalled)('espeak-ng speaks English and Mandarin', async () => {
    const voice = commandVoice({ command: ['espeak-ng', '-v', '{language}', '--stdin', '--stdout'] });
    for (const [locale, text] of [
      ['en-GB', 'Where is my parcel?'],
      ['zh', '我的包裹在哪'],
    ] as const) {
      const { rate, samples } = await voice.say(text, locale, never());
      expect(rate).toBe(22_050);
      expect(samples.length / rate).toBeGreaterThan(0.5);
      expect(samples.some((sample) => Math.abs(sample) > 5_000)).toBe(true);
    }
  });

  it('is given the text, and its language', async () => {
    const script = `process.stdin.on('data', (t) => {
      if (String(t) === 'hello' && process.argv[1] === 'cmn') process.stdout.write(Buffer.from('${Buffer.from(WAV).toString('base64')}', 'base64')) })`;
    const voice = commandVoice({ command: [process.execPath, '-e', script, '{language}'] });
    expect((await voice.say('hello', 'zh-CN', never())).samples.length).toBe(2_400);
  });

  it.each([
    ['that is not there', { command: ['/no/such/program'] as const }],
    ['that fails', node('process.exit(3)')],
    ['that says nothing', node('')],
    ['that makes no WAV', node("process.stdout.write('what')")],
    ['that takes too long', { ...node('setInterval(() => {}, 1000)'), timeoutMs: 200 }],
    [
      'that writes without end',
      { ...node('const b = Buffer.alloc(1<<20); const w = () => process.stdout.write(b, w); w()') },
    ],
  ])('%s fails, and another one runs after it', async (_, options) => {
    const voice = commandVoice({ ...options, atATime: 1 });
    await expect(voice.say('hello', 'en', never())).rejects.toMatchObject({ code: 'tts.failed', retry: 'later' });
    await expect(voice.say('hello', 'en', never())).rejects.toMatchObject({ code: 'tts.failed' });
  });

  it('is killed when nobody waits any more', async () => {
    const voice = commandVoice(node('setInterval(() => {}, 1000)'));
    const stop = new AbortController();
    const said = voice.say('hello', 'en', stop.signal);
    stop.abort();
    await expect(said).rejects.toThrow();
  });
});

describe('a server that speaks as OpenAI’s does', () => {
  let server: Server;
  let url: string;
  const asked: unknown[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        asked.push([request.url, request.headers.authorization, JSON.parse(body)]);
        const { input } = JSON.parse(body) as { input: string };
        if (input === 'fail') response.writeHead(500).end('no');
        else if (input === 'break')
          response.writeHead(200, { 'content-length': '999' }).write('RIFF', () => response.destroy());
        else response.end(input === 'nonsense' ? '{}' : WAV);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('is asked for a WAV of one voice', async () => {
    const voice = remoteVoice({ url: `${url}/`, key: 'secret', model: 'kokoro', voice: 'af_sky' });
    expect((await voice.say('hello', 'en', never())).rate).toBe(24_000);
    const body = { model: 'kokoro', voice: 'af_sky', input: 'hello', response_format: 'wav' };
    expect(asked).toContainEqual(['/v1/audio/speech', 'Bearer secret', body]);
  });

  it.each(['fail', 'break', 'nonsense'])('and fails for %s', async (text) => {
    const voice = remoteVoice({ url, model: 'm', voice: 'v' });
    await expect(voice.say(text, 'en', never())).rejects.toMatchObject({ retry: 'later' });
  });

  it('and is not there', async () => {
    const voice = remoteVoice({ url: 'http://127.0.0.1:9/v1', model: 'm', voice: 'v' });
    await expect(voice.say('x', 'en', never())).rejects.toMatchObject({ code: 'tts.unavailable' });
  });
});

describe('what was made', () => {
  const counting = () => {
    const made: string[] = [];
    const stopped: string[] = [];
    const voice: Voice = {
      name: 'counting',
      say: (text, locale, signal) => {
        made.push(`${locale} ${text}`);
        signal.addEventListener('abort', () => stopped.push(text));
        return text === 'slow'
          ? new Promise((_, reject) => {
              signal.addEventListener('abort', () => {
                reject(new Error('stopped'));
              });
            })
          : Promise.resolve({ rate: 8_000, samples: new Int16Array(1_000) });
      },
    };
    return { made, stopped, voice };
  };

  it('is made once, also for those who ask at the same time', async () => {
    const { made, voice } = counting();
    const keeping = remembering(voice);
    await Promise.all([keeping.say('hi', 'en', never()), keeping.say('hi', 'en', never())]);
    await keeping.say('hi', 'en', never());
    await keeping.say('hi', 'zh', never());
    expect(made).toEqual(['en hi', 'zh hi']);
  });

  it('is forgotten where there is more of it than there is room for', async () => {
    const { made, voice } = counting();
    const keeping = remembering(voice, 6_000);
    for (const text of ['a', 'b', 'c', 'a']) await keeping.say(text, 'en', never());
    expect(made).toEqual(['en a', 'en b', 'en c', 'en a']);
  });

  it('is stopped once the last who waits has gone', async () => {
    const { stopped, voice } = counting();
    const keeping = remembering(voice);
    const [one, other] = [new AbortController(), new AbortController()];
    const both = [keeping.say('slow', 'en', one.signal), keeping.say('slow', 'en', other.signal)];
    one.abort();
    expect(stopped).toEqual([]);
    other.abort();
    expect(stopped).toEqual(['slow']);
    for (const said of both) await expect(said).rejects.toThrow();
  });
});
