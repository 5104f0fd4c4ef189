import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeWav } from '../../shared/speech/wav.ts';
import { listening } from '../../shared/testing/ports.ts';
import { checkSession } from '../../shared/verify/invariants.ts';
import { callsOf, WAIT, type Calls } from './calls.fixture.ts';
import { hum, saying, startCallPlatform, type CallPlatform } from './platform.fixture.ts';
import { startVoiceProcess, type VoiceProcess } from './process.fixture.ts';
import { turnstreamClient } from './testing/gateway-turnstream.ts';

// Two processes that take calls, and a load balancer before them that sends a client to whichever is there.

const RATE = 16_000;
/** Each sentence is so long: the greeting has two. */
const SENTENCE_MS = 3_000;
const MARKS_MS = 500;

let platform: CallPlatform;
let calls: Calls;
let speech: Server;
let balancer: Server;
let processes: readonly VoiceProcess[];

beforeAll(async () => {
  platform = await startCallPlatform();
  const { samples } = await hum.say('x'.repeat(SENTENCE_MS / 60), 'en', new AbortController().signal);
  const wav = writeWav({ rate: RATE, samples });
  speech = createHttpServer((_, response) => response.writeHead(200, { 'content-type': 'audio/wav' }).end(wav));
  const speechPort = await listening(speech);
  const speaks = { TURNSTREAM_TTS_URL: `http://127.0.0.1:${speechPort}/v1` };
  processes = await Promise.all([1, 2].map(() => startVoiceProcess(platform, speaks)));
  balancer = createServer((client) => {
    const there = processes.find(({ child }) => child.exitCode === null && child.signalCode === null);
    if (!there) {
      client.destroy();
      return;
    }
    const server = connect(Number(new URL(there.url).port), '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        server.destroy();
      });
    }
  });
  const url = `http://127.0.0.1:${await listening(balancer)}`;
  const there = { url, audioSocketPort: undefined, calls: () => 0, stop: () => Promise.resolve() };
  calls = callsOf(
    () => platform,
    () => there,
  );
}, 60_000);
afterAll(async () => {
  for (const each of processes) await each.end();
  for (const server of [speech, balancer]) server.close();
  await platform.stop();
});

it('a call goes on in another process when its own is killed: what was said, and what was being heard', async () => {
  const way = await calls.way('turnstream');
  const client = turnstreamClient();
  const heardMs = () => client.heard().reduce((ms, { fromMs, toMs }) => ms + toMs - fromMs, 0);
  await client.connect(way.url);

  // In the middle of the second sentence of the greeting.
  await expect.poll(heardMs, WAIT).toBeGreaterThan(SENTENCE_MS + 800);
  processes[0]?.child.kill('SIGKILL');
  await expect.poll(() => client.isOpen, WAIT).toBe(false);
  await client.connect(await calls.wayBack());
  await expect.poll(() => calls.told(way), WAIT).toContain('playback.completed');
  // It went on where it was, and did not begin anew: what was heard twice is what no mark had told of.
  expect(heardMs() - 2 * SENTENCE_MS).toBeLessThan(MARKS_MS + 1_000);
  expect(heardMs() - 2 * SENTENCE_MS).toBeGreaterThan(-200);

  await client.speak(saying('where is my parcel', 900, RATE));
  await expect.poll(() => calls.told(way), WAIT).toContain('speech.transcribed where is my parcel');
  await expect.poll(async () => (await calls.told(way)).some((l) => l.startsWith('turn.replied')), WAIT).toBe(true);
  client.hangUp();
  await expect.poll(() => calls.told(way), WAIT).toContain('call.ended hung-up');
  const told = await calls.told(way);
  const types = told.map((line) => line.split(' ', 1)[0]);
  expect(types.filter((type) => type?.startsWith('call.'))).toEqual(['call.started', 'call.greeted', 'call.ended']);
  expect(told.filter((line) => line.startsWith('speech.transcribed'))).toHaveLength(1);
  expect(checkSession(await platform.story(way.ref))).toEqual([]);
}, 60_000);
