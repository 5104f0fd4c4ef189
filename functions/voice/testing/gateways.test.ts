import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Format } from '../../../shared/speech/chunk.ts';
import { fromLinear, toLinear } from '../../../shared/speech/codecs.ts';
import { audioSocketLine } from '../lines/audiosocket.ts';
import type { Frame, Line, LineEvent } from '../lines/line.ts';
import { recognise } from '../lines/recognise.ts';
import { reorder, type Reorder } from '../lines/reorder.ts';
import { asteriskGateway } from './gateway-asterisk.ts';
import { audioSocketGateway } from './gateway-audiosocket.ts';
import { audioForkGateway, audioStreamGateway, jambonzGateway } from './gateway-listen.ts';
import { plivoGateway } from './gateway-plivo.ts';
import { signalwireGateway } from './gateway-signalwire.ts';
import { turnstreamClient } from './gateway-turnstream.ts';
import { exotelGateway, telnyxGateway, twilioGateway } from './gateway-twilio.ts';
import { vonageGateway } from './gateway-vonage.ts';
import type { ScriptedGateway } from './gateway.ts';

// Each scripted gateway, and each line, speak with one another over real sockets: they share no code, so a
// misunderstanding on either side is heard.

/** What a server has of a call: the lines only, and what was heard. */
interface Side {
  readonly events: LineEvent[];
  readonly line: Line;
  send(frames: readonly Frame[]): void;
  heard(): Int16Array;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function side(line: Line, write: (frame: Frame) => void): Side & { hear(frame: Frame): void } {
  const events: LineEvent[] = [];
  const sound: Uint8Array[] = [];
  let format: Format | undefined;
  let order: Reorder | undefined;
  return {
    events,
    line,
    send: (frames) => {
      frames.forEach(write);
    },
    heard: () => toLinear(Buffer.concat(sound), format?.codec ?? 'l16'),
    hear(frame) {
      for (const event of line.hear(frame)) {
        events.push(event);
        if (event.kind === 'started') {
          ({ format } = event);
          order = reorder(format);
          line.accept('s1', 0).forEach(write);
        }
        if (event.kind === 'media') sound.push(...(order?.take(event.sound, event.sequence).sound ?? []));
      }
    },
  };
}

async function webSocketServer(path: string): Promise<{ readonly url: string; readonly sides: Side[] }> {
  const sides: Side[] = [];
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  closers.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on('connection', (socket, request) => {
    const line = recognise({ path: request.url ?? '', query: {}, protocols: socket.protocol ? [socket.protocol] : [] });
    const on = side(line, (frame) => {
      socket.send(frame);
    });
    sides.push(on);
    socket.on('message', (data: Buffer, isBinary) => {
      on.hear(isBinary ? data : data.toString());
    });
  });
  await once(server, 'listening');
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, sides };
}

async function tcpServer(): Promise<{ readonly url: string; readonly sides: Side[] }> {
  const sides: Side[] = [];
  const server = createServer((socket) => {
    closers.push(() => socket.destroy());
    const on = side(audioSocketLine(), (frame) => socket.write(frame));
    sides.push(on);
    socket.on('data', (data) => {
      on.hear(data);
    });
  });
  closers.push(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, sides };
}

/** A tone that goes through mu-law and back the same. */
const tone = (rate: number, ms: number): Int16Array =>
  Int16Array.from({ length: (rate * ms) / 1_000 }, (_, i) =>
    Math.round(8_000 * Math.sin((2 * Math.PI * 440 * i) / rate)),
  );
const as = (samples: Int16Array, { codec }: Format) => toLinear(fromLinear(samples, codec), codec);
const contains = (all: Int16Array, part: Int16Array) => Buffer.from(all.buffer).includes(Buffer.from(part.buffer));
const from = <K extends LineEvent['kind']>(side: Side | undefined, kind: K) =>
  (side?.events ?? []).filter((event): event is Extract<LineEvent, { kind: K }> => event.kind === kind);

const script = { speed: 10 };
const GATEWAYS: readonly (readonly [string, () => ScriptedGateway, string])[] = [
  ['twilio', () => twilioGateway({ parameters: { bot: 'bank' } }, script), '/v1/voice'],
  ['telnyx', () => telnyxGateway({ parameters: { bot: 'bank' } }, script), '/v1/voice'],
  ['signalwire', () => signalwireGateway({ parameters: { bot: 'bank' } }, script), '/v1/voice'],
  ['exotel', () => exotelGateway({ parameters: { bot: 'bank' } }, script), '/v1/voice'],
  ['plivo', () => plivoGateway({ parameters: { bot: 'bank' } }, script), '/v1/voice/plivo'],
  ['asterisk', () => asteriskGateway({ parameters: { bot: 'bank' } }, script), '/v1/voice'],
  ['jambonz', () => jambonzGateway({ parameters: { bot: 'bank' } }, script), '/v1/voice'],
  ['audio-fork', () => audioForkGateway('{"bot":"bank","sampleRate":16000}', script), '/v1/voice'],
  ['audio-stream', () => audioStreamGateway('{"bot":"bank"}', script), '/v1/voice/audio-stream'],
  ['vonage', () => vonageGateway({ parameters: { bot: 'bank' } }, script), '/v1/voice'],
  ['turnstream', () => turnstreamClient({ parameters: { bot: 'bank' } }, script), '/v1/voice'],
  ['audiosocket', () => audioSocketGateway('40325ec2-5efd-4bd3-805f-f0c5a8d2e001', script), ''],
];

describe.each(GATEWAYS)('a call through %s', (name, gateway, path) => {
  async function call() {
    const { url, sides } = name === 'audiosocket' ? await tcpServer() : await webSocketServer(path);
    const caller = gateway();
    await caller.connect(url);
    closers.push(() => {
      caller.vanish();
    });
    await expect.poll(() => from(sides[0], 'started')).toHaveLength(1);
    const [on] = sides;
    const [started] = from(on, 'started');
    if (!on || !started) throw new Error('no call');
    return { caller, on, started };
  }

  it('brings the caller’s words and keys, and the end', async () => {
    const { caller, on, started } = await call();
    expect(started.gateway).toBe(name);
    if (name !== 'audiosocket') expect(started.parameters['bot']).toBe('bank');
    const words = tone(started.format.rate, 400);
    await caller.speak(words);
    caller.press('4#');
    await expect.poll(() => contains(on.heard(), as(words, started.format))).toBe(true);
    // mod_audio_stream has no word for keys.
    const keys = name === 'audio-stream' ? [] : ['4', '#'];
    await expect.poll(() => from(on, 'dtmf').map(({ digit }) => digit)).toEqual(keys);
    caller.hangUp();
    await expect.poll(() => caller.isOpen).toBe(false);
    expect(from(on, 'malformed')).toEqual([]);
  });

  it('plays what we say, to the last sample, and tells when', async () => {
    const { caller, on, started } = await call();
    const { facts } = started;
    const words = tone(facts.plays.rate, 410);
    on.send(on.line.play(fromLinear(words, facts.plays.codec)));
    on.send(on.line.mark('r1'));
    await expect.poll(() => caller.heard().some(({ samples }) => contains(samples, as(words, facts.plays)))).toBe(true);
    if (facts.marks) await expect.poll(() => from(on, 'mark').map(({ name: mark }) => mark)).toEqual(['r1']);
  });

  it('falls silent at once when it is cleared', async () => {
    const { caller, on, started } = await call();
    const { facts } = started;
    if (!facts.clears) return;
    on.send(on.line.play(fromLinear(tone(facts.plays.rate, 15_000), facts.plays.codec)));
    on.send(on.line.mark('r2'));
    await expect.poll(() => caller.heard().length).toBe(1);
    on.send(on.line.clear());
    await caller.wait(400);
    const stoppedMs = caller.heard()[0]?.toMs ?? 0;
    await caller.wait(200);
    expect(caller.heard()[0]?.toMs).toBe(stoppedMs);
    expect(stoppedMs).toBeLessThan(14_000);
    if (facts.marksOnClear) await expect.poll(() => from(on, 'mark')).toHaveLength(1);
  });
});

describe('what only some gateways do', () => {
  it('Telnyx: frames that overtake each other and come twice are heard in order', async () => {
    const { url, sides } = await webSocketServer('/v1/voice');
    let held: readonly (string | Uint8Array)[] = [];
    const caller = telnyxGateway(
      {},
      {
        speed: 10,
        disturb(frames, number) {
          if (number % 5 === 0) {
            held = frames;
            return [];
          }
          const late = held;
          held = [];
          return [...frames, ...late, ...(number % 3 === 0 ? frames : [])];
        },
      },
    );
    await caller.connect(url);
    closers.push(() => {
      caller.vanish();
    });
    const words = tone(8_000, 600);
    await caller.speak(words);
    await expect
      .poll(() => contains(sides[0]?.heard() ?? new Int16Array(), as(words, { codec: 'alaw', rate: 8_000 })))
      .toBe(true);
  });

  it('Asterisk: says when its queue is full and when it is not', async () => {
    const { url, sides } = await webSocketServer('/v1/voice');
    const caller = asteriskGateway({}, { speed: 40 });
    await caller.connect(url);
    closers.push(() => {
      caller.vanish();
    });
    await expect.poll(() => from(sides[0], 'started')).toHaveLength(1);
    const [on] = sides;
    on?.send(on.line.play(new Uint8Array(160 * 950)));
    await expect.poll(() => from(on, 'buffering').map(({ full }) => full)).toEqual([true, false]);
    expect(caller.isOpen).toBe(true);
  });

  it('Asterisk: holds what it plays while it is paused', async () => {
    const { url, sides } = await webSocketServer('/v1/voice');
    const caller = asteriskGateway({}, script);
    await caller.connect(url);
    closers.push(() => {
      caller.vanish();
    });
    await expect.poll(() => from(sides[0], 'started')).toHaveLength(1);
    const [on] = sides;
    const heardMs = () => caller.heard().reduce((ms, { fromMs, toMs }) => ms + toMs - fromMs, 0);
    on?.send(on.line.play(fromLinear(tone(8_000, 15_000), 'mulaw')));
    await expect.poll(heardMs).toBeGreaterThan(0);
    on?.send(on.line.pause());
    await caller.wait(400);
    const untilMs = heardMs();
    await caller.wait(400);
    expect(heardMs()).toBe(untilMs);
    on?.send(on.line.resume());
    await expect.poll(heardMs).toBe(15_000);
  });

  it('our own client: comes back after a lost socket with what the server does not have', async () => {
    const { url, sides } = await webSocketServer('/v1/voice');
    const caller = turnstreamClient({}, script);
    await caller.connect(url);
    closers.push(() => {
      caller.vanish();
    });
    await caller.speak(tone(16_000, 200));
    caller.vanish();
    await caller.connect(url);
    await expect.poll(() => from(sides[1], 'started')[0]?.resumes).toEqual({ stream: 's1', lastSequence: 0 });
    // The second side said that it has nothing, so it gets everything.
    await expect.poll(() => contains(sides[1]?.heard() ?? new Int16Array(), tone(16_000, 200))).toBe(true);
  });
});
