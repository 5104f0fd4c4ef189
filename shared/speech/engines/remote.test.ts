import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { breakers } from '../../egress/breaker.ts';
import { openEar } from '../ear.ts';
import { describeEngine } from '../engine.contract.ts';
import type { Engine, Transcript } from '../engine.ts';
import { enginesOf } from '../engines.ts';
import { openFunasr } from './funasr.ts';
import { spokenTone, TONE_SAYS } from './loud.fixture.ts';
import { openOpenai } from './openai.ts';
import { funasr, httpServer, openai, vosk, voskInSentences, webSocketServer, type StandIn } from './servers.fixture.ts';
import { openVosk } from './vosk.ts';

const speech = spokenTone(16_000);
const under = (server: StandIn, engine: Engine, rate = 16_000) => ({
  engine,
  speech: spokenTone(rate),
  says: TONE_SAYS,
  locale: 'en',
  stop: () => server.stop(),
});

describeEngine('of a Vosk server', async () => {
  const server = await webSocketServer(vosk);
  return under(server, await openVosk(`ws://${server.at}#languages=en`));
});
describeEngine('of a Vosk server that ends sentences by itself', async () => {
  const server = await webSocketServer(voskInSentences);
  return under(server, await openVosk(`ws://${server.at}#languages=en`));
});
describeEngine('of a FunASR runtime in two passes, at 8 kHz', async () => {
  const server = await webSocketServer(funasr());
  return under(server, await openFunasr(`ws://${server.at}#rate=8000&languages=zh+en`), 8_000);
});
describeEngine('of a FunASR runtime with the first pass only', async () => {
  const server = await webSocketServer(funasr());
  return under(server, await openFunasr(`ws://${server.at}#mode=online`));
});
describeEngine('of a FunASR runtime with the second pass only', async () => {
  const server = await webSocketServer(funasr());
  return under(server, await openFunasr(`ws://${server.at}#mode=offline`));
});
describeEngine('of a FunASR server in Python, which never says that it is done', async () => {
  const server = await webSocketServer(funasr('python'));
  return under(server, await openFunasr(`ws://${server.at}`));
});
describeEngine('of a server with OpenAI’s transcriptions', async () => {
  const server = await httpServer(openai);
  return under(server, await openOpenai(`http://${server.at}/v1`, 'sk-test'));
});

const servers: StandIn[] = [];
const engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
const against = async (server: Promise<StandIn>, open: (at: string) => Promise<Engine>): Promise<Engine> => {
  const started = await server;
  servers.push(started);
  const engine = await open(started.at);
  engines.push(engine);
  return engine;
};
const heardBy = async (engine: Engine): Promise<Transcript> => {
  const recognition = await engine.begin({ locale: 'en-GB' });
  try {
    for (let at = 0; at < speech.length; at += 1_600) await recognition.hear(speech.slice(at, at + 1_600));
    return await recognition.finish();
  } finally {
    recognition.close();
  }
};
const codeOf = (engine: Engine): Promise<unknown> =>
  heardBy(engine).then(
    ({ text }) => `heard ${text}`,
    (error: unknown) => {
      expect(error).toMatchObject({ name: 'PlatformError', retry: 'later' });
      return (error as { code: string }).code;
    },
  );

const FIVE_MB = 'x'.repeat(5_000_000);
const LONG_ANSWER = Buffer.from(JSON.stringify({ partial: '', text: FIVE_MB })).toString();
const onSound = (act: (socket: WebSocket) => void) => (socket: WebSocket) => {
  socket.on('message', (_data, isBinary) => {
    if (isBinary) act(socket);
  });
};

const hangsUp = (socket: WebSocket) => {
  socket.terminate();
};
const sends = (what: string | Buffer) => (socket: WebSocket) => {
  socket.send(what);
};

describe.each([
  ['vosk', openVosk],
  ['funasr', openFunasr],
] as const)('a %s server that fails is an error with a reason:', (_name, open) => {
  const at = (manner: (socket: WebSocket) => void) =>
    against(webSocketServer(manner), (where) => open(`ws://${where}#timeout=400`));

  it.each([
    ['says nothing', onSound(() => undefined), 'asr.timed-out'],
    ['hangs up', onSound(hangsUp), 'asr.unavailable'],
    ['sends HTML', onSound(sends('<html><body>502 Bad Gateway</body></html>')), 'asr.failed'],
    ['sends another JSON', onSound(sends('{"error":"no model"}')), 'asr.failed'],
    ['sends a list', onSound(sends('[]')), 'asr.failed'],
    ['sends half a JSON', onSound(sends('{"partial": "my ord')), 'asr.failed'],
    ['sends binary', onSound(sends(Buffer.from([1, 2, 3]))), 'asr.failed'],
    ['sends 5 MB', onSound(sends(LONG_ANSWER)), 'asr.failed'],
  ])('%s', async (_what, manner, code) => {
    expect(await codeOf(await at(manner))).toBe(code);
  });

  it('is not there', async () => {
    const server = await webSocketServer(() => undefined);
    const engine = await open(`ws://${server.at}#timeout=200`);
    await server.stop();
    expect(await codeOf(engine)).toBe('asr.unavailable');
  });

  it('answers with a page instead of a WebSocket', async () => {
    const page = httpServer((_request, response) => void response.end('<html></html>'));
    expect(await codeOf(await against(page, (where) => open(`ws://${where}#timeout=200`)))).toBe('asr.unavailable');
  });

  it('is at an address where nobody’s server is', async () => {
    expect(await codeOf(await open('ws://169.254.169.254/#timeout=200'))).toBe('asr.unavailable');
  });

  it('is told when nobody waits any more', async () => {
    const engine = await at(onSound(() => undefined));
    const recognition = await engine.begin({ locale: 'en' });
    const abort = new AbortController();
    const finished = (async () => {
      await recognition.hear(speech, abort.signal);
      await recognition.finish(abort.signal);
    })();
    abort.abort();
    await expect(finished).rejects.toMatchObject({ code: 'asr.timed-out' });
    recognition.close();
  });
});

describe('a server with OpenAI’s transcriptions', () => {
  type Answering = Parameters<typeof httpServer>[0];
  const at = (answering: Answering) =>
    against(httpServer(answering), (where) => openOpenai(`http://${where}/v1/#model=base&timeout=300`, 'sk-test'));
  const json =
    (body: string): Answering =>
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    };

  it('is asked with a form, a key and the language', async () => {
    const engine = await at(openai);
    expect(await heardBy(engine)).toEqual({ text: TONE_SAYS, confidence: 1 });
    const [asked = ''] = servers[0]?.asked ?? [];
    expect(JSON.parse(asked)).toEqual({
      path: '/v1/audio/transcriptions',
      key: 'Bearer sk-test',
      model: 'base',
      language: 'en',
      response_format: 'json',
      temperature: '0',
    });
    expect(engine.capabilities.model).toMatch(/^openai\/base@127\.0\.0\.1-\d+\/v1\/$/u);
  });

  it.each<[string, Answering, string]>([
    ['says nothing', () => undefined, 'asr.timed-out'],
    ['cuts the connection', (_request, response) => void response.destroy(), 'asr.unavailable'],
    ['is overloaded', (_request, response) => void response.writeHead(429).end(), 'asr.unavailable'],
    ['is broken', (_request, response) => void response.writeHead(500).end('oh'), 'asr.unavailable'],
    ['does not know the key', (_request, response) => void response.writeHead(401).end('{}'), 'asr.failed'],
    ['sends one elsewhere', (_r, response) => void response.writeHead(302, { location: '/' }).end(), 'asr.failed'],
    ['sends HTML', (_request, response) => void response.end('<html></html>'), 'asr.failed'],
    ['sends another JSON', json('{"words":[]}'), 'asr.failed'],
    ['sends 5 MB', json(JSON.stringify({ text: FIVE_MB })), 'asr.failed'],
    [
      'breaks off',
      (_r, response) => void response.writeHead(200, { 'content-length': 99 }).write('{"t', () => response.destroy()),
      'asr.unavailable',
    ],
  ])('%s: an error with a reason', async (_what, answering, code) => {
    expect(await codeOf(await at(answering))).toBe(code);
  });

  it('is not at the address of a cloud’s own data', async () => {
    expect(await codeOf(await openOpenai('http://169.254.169.254/v1'))).toBe('asr.unavailable');
  });
});

describe('where a server fails', () => {
  const earOn = (list: readonly Engine[]) =>
    openEar({
      engines: enginesOf(() => list, breakers()),
      locale: 'en',
      rate: 16_000,
      replay: () => Promise.resolve([]),
      limits: { hearMs: 500, finishMs: 500 },
    });

  it('the next one hears the utterance from its beginning', async () => {
    const bad = await against(webSocketServer(onSound(hangsUp)), (a) => openVosk(`ws://${a}`));
    const good = await against(httpServer(openai), (a) => openOpenai(`http://${a}/v1`));
    const ear = earOn([bad, good]);
    for (let at = 0; at < speech.length; at += 1_600) await ear.hear(speech.slice(at, at + 1_600));
    expect(await ear.finish()).toMatchObject({ text: TONE_SAYS, model: good.capabilities.model });
    ear.close();
  });

  it('and there is no other, nobody could make it out: too late, or failed', async () => {
    const silent = await against(
      webSocketServer(() => undefined),
      (a) => openVosk(`ws://${a}#timeout=100`),
    );
    await expect(earOn([silent]).hear(speech)).rejects.toMatchObject({ reason: 'timed-out' });
    const wrong = await against(webSocketServer(onSound(sends('no'))), (a) => openVosk(`ws://${a}`));
    await expect(earOn([wrong]).hear(speech)).rejects.toMatchObject({ reason: 'failed' });
  });
});

it.each([
  ['ws://x#rate=11025', openVosk],
  ['http://x', openVosk],
  ['ws://x#languages=English', openFunasr],
  ['ws://x#mode=3pass', openFunasr],
  ['not an address', openOpenai],
])('refuses %s in a configuration', async (where, open: (where: string) => Promise<Engine>) => {
  await expect((async () => open(where))()).rejects.toMatchObject({ retry: 'never' });
});
