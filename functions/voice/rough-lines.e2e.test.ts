import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { fromLinear } from '../../shared/speech/codecs.ts';
import { spokenOf, WAIT, wholeCall, wholeStory, type Way } from './calls.fixture.ts';
import { saying } from './platform.fixture.ts';
import { stage } from './stage.fixture.ts';
import { twilioGateway } from './testing/gateway-twilio.ts';

// What gateways do wrong. Beside each of them somebody has a call that must not notice.

const { platform, voice, calls } = stage();

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const ended = (reason: string) => `call.ended ${reason}`;
const endOf = async (way: Way) => (await calls.told(way)).find((line) => line.startsWith('call.ended'));

/** A gateway that says what the test wants it to. */
async function rawGateway({ url }: Way): Promise<WebSocket> {
  const socket = new WebSocket(url);
  socket.on('error', () => undefined);
  await once(socket, 'open');
  closers.push(() => {
    socket.terminate();
  });
  return socket;
}
const START = { event: 'start', streamSid: 'MZ1', start: { callSid: 'CA1', streamSid: 'MZ1' } };
const startOf = (encoding: string, sampleRate = 8_000) =>
  JSON.stringify({ ...START, start: { ...START.start, mediaFormat: { encoding, sampleRate, channels: 1 } } });
const media = (chunk: number, sound: Uint8Array) =>
  JSON.stringify({
    event: 'media',
    streamSid: 'MZ1',
    media: { track: 'inbound', chunk: String(chunk), payload: Buffer.from(sound).toString('base64') },
  });
const QUIET = new Uint8Array(160).fill(0xff);

/** What goes wrong, and how the log says that the call ended. */
const ROUGH: Readonly<Record<string, readonly [(way: Way) => Promise<void>, string]>> = {
  'says nothing that can be understood': [
    async (way) => {
      const socket = await rawGateway(way);
      socket.send(startOf('audio/x-mulaw'));
      for (let i = 0; i < 150; i++) socket.send('{"event":"dance"}');
    },
    'malformed',
  ],
  'sends twenty seconds of sound in one': [
    async (way) => {
      const socket = await rawGateway(way);
      socket.send(startOf('audio/x-mulaw'));
      await expect.poll(() => calls.told(way), WAIT).toContain('call.started');
      for (let i = 1; i <= 1_000; i++) socket.send(media(i, QUIET));
    },
    'malformed',
  ],
  'sends a frame of more than a second at once': [
    async (way) => {
      const socket = await rawGateway(way);
      socket.send(startOf('audio/x-mulaw'));
      await expect.poll(() => calls.told(way), WAIT).toContain('call.started');
      socket.send(media(1, new Uint8Array(200_000)));
    },
    'lost',
  ],
  'vanishes without a word': [
    async (way) => {
      const gateway = twilioGateway();
      await gateway.connect(way.url);
      await expect.poll(() => calls.told(way), WAIT).toContain('call.started');
      gateway.vanish();
    },
    'lost',
  ],
  'sends half samples, nothing, and seconds in one frame, and hangs up': [
    async (way) => {
      const socket = await rawGateway(way);
      socket.send(startOf('audio/x-l16'));
      const words = fromLinear(saying('where is my parcel'), 'l16');
      let chunk = 0;
      const say = (sound: Uint8Array) => {
        socket.send(media((chunk += 1), sound));
      };
      await expect.poll(() => calls.told(way), WAIT).toContain('call.started');
      for (let at = 0; at < words.length; at += 320) {
        say(words.subarray(at, at + 320));
        if (at % 3_200 === 0) for (const bytes of [319, 0, 32_000]) socket.send(media(chunk, new Uint8Array(bytes)));
      }
      // What was right among it was heard.
      await expect.poll(() => calls.told(way), WAIT).toContain('speech.transcribed where is my parcel');
      socket.send(JSON.stringify({ event: 'stop', streamSid: 'MZ1', stop: {} }));
    },
    'hung-up',
  ],
};

describe('a gateway ends its own call and no other, if it', () => {
  it('does not read what is said to it', async () => {
    const long = { name: 'long', say: () => Promise.resolve({ rate: 48_000, samples: new Int16Array(48_000 * 60) }) };
    const talking = await platform().voice({ voice: long, limits: { unreadBytes: 20_000 } });
    const way = await calls.way('twilio', talking);
    await unread(way);
    // Two systems on one machine take four megabytes, half a minute of sound, before anything waits.
    await expect.poll(() => endOf(way), { timeout: 80_000, interval: 500 }).toBe(ended('too-slow'));
    expect(talking.calls()).toBe(0);
  }, 90_000);

  it('misbehaves: each end has its reason, and a call beside them is told as if nothing had happened', async () => {
    const [good, undisturbed] = [await calls.way('twilio'), twilioGateway()];
    const whole = wholeCall(calls, undisturbed, good);
    const outcomes = await Promise.all(
      Object.entries(ROUGH).map(async ([what, [misbehave, reason]]) => {
        const way = await calls.way('twilio');
        await misbehave(way);
        await expect.poll(() => endOf(way), { ...WAIT, message: what }).toBeDefined();
        return [what, await endOf(way), ended(reason)];
      }),
    );
    expect(outcomes.map(([what, is]) => [what, is])).toEqual(outcomes.map(([what, , was]) => [what, was]));
    expect(spokenOf(await whole)).toEqual(wholeStory('en'));
    await expect.poll(() => voice().calls()).toBe(0);
  }, 60_000);

  it('sends frames of AudioSocket in another rate than its first', async () => {
    const way = await calls.way('audiosocket');
    const { hostname, port } = new URL(way.url);
    const socket = connect(Number(port), hostname);
    closers.push(() => socket.destroy());
    const id = Buffer.from(way.uuid.replaceAll('-', ''), 'hex');
    socket.write(Buffer.concat([Uint8Array.of(0x01, 0, 16), id]));
    await expect.poll(() => calls.told(way), WAIT).toContain('call.started');
    socket.write(Buffer.concat([Uint8Array.of(0x12, 2, 128), Buffer.alloc(640)]));
    await expect.poll(() => endOf(way), WAIT).toBe(ended('malformed'));
    expect(platform().told).toContain('audiosocket codec');
  }, 30_000);

  it('names a codec that nobody has: there is no call, and the log knows of none', async () => {
    const way = await calls.way('twilio');
    const socket = await rawGateway(way);
    socket.send(startOf('opus', 48_000));
    await once(socket, 'close');
    expect(await calls.told(way)).toEqual([]);
    expect(platform().told).toContain('unknown codec');
  }, 30_000);

  it('says nothing any more and keeps the line open', async () => {
    const deaf = await platform().voice({ limits: { deadMs: 1_000 } });
    const way = await calls.way('twilio', deaf);
    const socket = await rawGateway(way);
    socket.send(startOf('audio/x-mulaw'));
    socket.send(media(1, QUIET));
    await expect.poll(() => endOf(way), WAIT).toBe(ended('lost'));
  }, 30_000);

  it('comes while the log is away for longer than anybody waits: its call is refused, and the log says so', async () => {
    const strict = await platform().voice({ limits: { startMs: 300 } });
    const way = await calls.way('twilio', strict);
    process.kill(platform().broker.pid(), 'SIGSTOP');
    try {
      const socket = await rawGateway(way);
      socket.send(startOf('audio/x-mulaw'));
      await once(socket, 'close');
    } finally {
      process.kill(platform().broker.pid(), 'SIGCONT');
    }
    await expect.poll(() => endOf(way), WAIT).toBe(ended('refused'));
    const story = spokenOf(await calls.told(way));
    expect(story.slice(0, 2)).toEqual(['session.opened', 'call.started']);
    expect(story.filter((line) => line.startsWith('playback.completed'))).toEqual([]);
  }, 30_000);
});

/** A gateway that begins a call and never reads what is said to it, without a word of its own. */
async function unread({ url }: Way): Promise<void> {
  const { host, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  closers.push(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(
    `GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
      `sec-websocket-version: 13\r\nsec-websocket-key: ${Buffer.alloc(16, 7).toString('base64')}\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.pause();
  const start = Buffer.from(startOf('audio/x-l16', 48_000));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(start.length);
  // A text frame, masked with zeros, which changes nothing.
  socket.write(Buffer.concat([Uint8Array.of(0x81, 0x80 | 126), length, Buffer.alloc(4), start]));
}
