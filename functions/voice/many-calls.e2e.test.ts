import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { TENANT } from '../../shared/testing/rig.ts';
import { API_KEY, saying, startCallPlatform, voiceTenants, type CallPlatform } from './platform.fixture.ts';
import { startVoiceProcess, type VoiceProcess } from './process.fixture.ts';
import { twilioGateway } from './testing/gateway-twilio.ts';

const WAIT = { timeout: 25_000, interval: 50 };
const CALLS = 24;

let platform: CallPlatform;
beforeEach(async () => {
  platform = await startCallPlatform();
});
afterEach(() => platform.stop());

const url = async (voice: { readonly url: string }, gateway = 'twilio') => {
  const { ticket } = await platform.tickets.make({ tenant: TENANT, locale: 'en' });
  return `${voice.url.replace('http', 'ws')}/v1/voice/${gateway}?ticket=${ticket}`;
};
/** What was said in each session, and how its call ended. */
const stories = async () =>
  Promise.all(
    (await platform.sessions()).map(async (ref) =>
      (await platform.story(ref)).map(({ envelope: { type, data } }) => {
        const { text, reason, end } = data as Record<string, string | undefined>;
        return [type, text ?? reason, end].filter((part) => part !== undefined).join(' ');
      }),
    ),
  );

describe(`${CALLS} calls at once`, () => {
  it('are all heard and answered, each once and in order', async () => {
    const voice = await platform.voice();
    const gateways = Array.from({ length: CALLS }, () => twilioGateway());
    const cpu = process.cpuUsage();
    await Promise.all(gateways.map(async (g) => g.connect(await url(voice))));
    await Promise.all(
      gateways.map(async (g) => {
        await g.wait(1_500);
        await g.speak(saying('where is my parcel'));
        await g.wait(3_500);
        await g.speak(saying('my order is TS12345678'));
        await g.wait(1_500);
        g.hangUp();
      }),
    );
    await expect
      .poll(async () => (await stories()).filter((s) => s.includes('call.ended hung-up')).length, WAIT)
      .toBe(CALLS);
    await expect
      .poll(
        async () => (await stories()).filter((s) => s.filter((l) => l.startsWith('turn.replied')).length === 2).length,
        WAIT,
      )
      .toBe(CALLS);
    for (const story of await stories()) {
      expect(story.filter((line) => line.startsWith('speech.transcribed'))).toEqual([
        'speech.transcribed where is my parcel silence',
        'speech.transcribed my order is TS12345678 silence',
      ]);
    }
    const { user, system } = process.cpuUsage(cpu);
    // Everything in one process: gateways, voice, listening, functions.
    console.info(`${CALLS} calls of 8 s: ${Math.round((user + system) / 1_000)} ms of CPU`);
    expect(voice.calls()).toBe(0);
  }, 60_000);
});

describe('a process that holds calls', () => {
  let held: VoiceProcess;
  beforeEach(async () => {
    held = await startVoiceProcess(platform, { TURNSTREAM_CALL_LEASE_MS: '1500' });
  });
  afterEach(() => held.end());

  it('and is killed has its calls ended by another, and what was being said is transcribed', async () => {
    const gateway = twilioGateway();
    await gateway.connect(await url(held));
    void gateway.speak(saying('where is my parcel', 3_000));
    const all = async () => (await stories())[0] ?? [];
    await expect.poll(all, WAIT).toContain('speech.started');
    const heardMs = gateway.nowMs;
    await expect.poll(() => gateway.nowMs, WAIT).toBeGreaterThan(heardMs + 600);
    held.child.kill('SIGKILL');
    await platform.voice();
    await expect.poll(all, WAIT).toContain('call.ended lost');
    await expect.poll(all, WAIT).toContain('speech.transcribed where is my parcel hung-up');
    expect((await all()).filter((line) => line.startsWith('call.ended')).length).toBe(1);
  }, 60_000);

  it('and is asked to stop ends its calls and says so', async () => {
    await twilioGateway().connect(await url(held));
    const all = async () => (await stories())[0] ?? [];
    await expect.poll(all, WAIT).toContain('call.started');
    held.child.kill('SIGTERM');
    await once(held.child, 'exit');
    expect(await all()).toContain('call.ended closed');
  }, 60_000);
});

describe('a call is not let in', () => {
  const attempt = async (address: string, headers: Record<string, string> = {}): Promise<number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(address, { headers });
      socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('open', () => {
        socket.close();
        resolve(101);
      });
    });

  /** As no client of WebSockets would ask. */
  const rawAttempt = async (url: string, target: string): Promise<string> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end(
      `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
        'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    let answer = '';
    for await (const part of socket) answer += String(part);
    return answer;
  };

  it('without a key or ticket that is believed', async () => {
    const voice = await platform.voice({ limits: { startMs: 300 } });
    const base = voice.url.replace('http', 'ws');
    expect(await attempt(`${base}/v1/voice/twilio?ticket=nonsense`)).toBe(401);
    expect(await attempt(`${base}/v1/voice/twilio`, { authorization: 'Bearer ts_acme_wrong' })).toBe(401);
    expect(await attempt(`${base}/v1/voice/twilio`, { authorization: `Bearer ${API_KEY}` })).toBe(101);
    const basic = Buffer.from(`any:${API_KEY}`).toString('base64');
    expect(await attempt(`${base}/v1/voice/jambonz`, { authorization: `Basic ${basic}` })).toBe(101);
    expect(await attempt(`${base}/v1/elsewhere`)).toBe(404);
    expect(await rawAttempt(voice.url, '//')).toMatch(/^HTTP\/1\.1 400 /u);

    const nobody = twilioGateway();
    await nobody.connect(`${base}/v1/voice/twilio`);
    await expect.poll(() => nobody.isOpen, WAIT).toBe(false);
    expect(await platform.sessions()).toEqual([]);
    expect(platform.told).toContain('twilio nobody-known');
  }, 30_000);

  it('with a ticket that was used before', async () => {
    const voice = await platform.voice();
    const address = await url(voice);
    const [first, second] = [twilioGateway(), twilioGateway()];
    await first.connect(address);
    await expect.poll(() => voice.calls(), WAIT).toBe(1);
    await second.connect(address);
    await expect.poll(() => second.isOpen, WAIT).toBe(false);
    expect(first.isOpen).toBe(true);
    expect(platform.told).toContain('twilio used-before');
    first.hangUp();
  }, 30_000);

  it('beyond what its tenant may have at a time', async () => {
    const voice = await platform.voice({ tenants: voiceTenants(), limits: { callsPerTenant: 1 } });
    const [first, second] = [twilioGateway(), twilioGateway()];
    await first.connect(await url(voice));
    await expect.poll(() => voice.calls(), WAIT).toBe(1);
    await second.connect(await url(voice));
    await expect.poll(() => second.isOpen, WAIT).toBe(false);
    expect(platform.told).toContain('twilio too-many');
    first.hangUp();
    await expect.poll(() => voice.calls(), WAIT).toBe(0);
  }, 30_000);
});

it('ends calls that bring more sound than their tenant may have kept, in whichever process', async () => {
  const limits = { soundBytesPerTenant: 60_000 };
  const [one, other] = [await platform.voice({ limits }), await platform.voice({ limits })];
  const [first, second] = [twilioGateway(), twilioGateway()];
  await Promise.all([first.connect(await url(one)), second.connect(await url(other))]);
  await Promise.all([first.wait(6_000), second.wait(6_000)]);
  const ends = async () => (await stories()).flat().filter((line) => line.startsWith('call.ended'));
  await expect.poll(ends, WAIT).toEqual(['call.ended too-much', 'call.ended too-much']);
  const third = twilioGateway();
  await third.connect(await url(one));
  await expect.poll(() => third.isOpen, WAIT).toBe(false);
  expect(platform.told).toContain('twilio too-much');
}, 30_000);

describe('at the end', () => {
  it('a caller who asks for a person is connected to one, after what the bot says about it', async () => {
    const voice = await platform.voice({ tenants: voiceTenants('+15550100') });
    const gateway = twilioGateway();
    await gateway.connect(await url(voice));
    await gateway.wait(800);
    await gateway.speak(saying('a human please'));
    const all = async () => (await stories())[0] ?? [];
    await expect.poll(all, WAIT).toContain('call.ended transferred');
    expect((await all()).filter((line) => line === 'playback.completed').length).toBe(2);
    await expect.poll(() => gateway.isOpen, WAIT).toBe(false);
  }, 30_000);

  it('a conversation that the bot closes ends the call once its goodbye was heard', async () => {
    const voice = await platform.voice();
    const gateway = twilioGateway();
    await gateway.connect(await url(voice));
    await gateway.wait(800);
    await gateway.speak(saying('bye'));
    const all = async () => (await stories())[0] ?? [];
    await expect.poll(all, WAIT).toContain('call.ended closed');
    expect((await all()).filter((line) => line === 'playback.completed').length).toBe(2);
  }, 30_000);
});
