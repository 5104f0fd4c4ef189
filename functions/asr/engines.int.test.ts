import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { speechTranscribed } from '../../events/call.ts';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import type { Log } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import type { Running } from '../../shared/runtime/deliveries.ts';
import type { AudioLog } from '../../shared/speech/audio-log.ts';
import type { EngineAt } from '../../shared/speech/engines/config.ts';
import { webSocketServer, vosk, type StandIn } from '../../shared/speech/engines/servers.fixture.ts';
import { chunksOf, loudnessVad, silence, sounds, tone } from '../../shared/speech/listening.fixture.ts';
import type { TestServer } from '../../shared/testing/broker.ts';
import { openCall, play, startCallLog, toldOf } from './calls.fixture.ts';
import { hostAsr, openEngines } from './hosted.ts';

const TINY = fileURLToPath(new URL('../../shared/speech/engines/fixtures/sense-voice', import.meta.url));
const chunks = chunksOf(sounds(silence(300), tone(1_300), silence(300)));

let broker: TestServer;
let nc: NatsConnection;
let log: Log;
let audio: AudioLog;
let running: Running | undefined;
const servers: StandIn[] = [];

beforeAll(async () => {
  ({ broker, nc, log, audio } = await startCallLog());
});
afterEach(async () => {
  await running?.stop();
  for (const server of servers.splice(0)) await server.stop();
});
afterAll(() => broker.stop());

const server = async (manner: Parameters<typeof webSocketServer>[0]): Promise<EngineAt> => {
  const started = await webSocketServer(manner);
  servers.push(started);
  return { kind: 'vosk', where: `ws://${started.at}#timeout=300` };
};
const hangsUp = () =>
  server((socket) => {
    socket.on('message', () => {
      socket.terminate();
    });
  });
const listenWith = async (wanted: readonly EngineAt[]): Promise<readonly unknown[]> => {
  const refused: unknown[] = [];
  const engines = await openEngines(wanted, (_, error) => refused.push(error));
  const options = { self: 'pod', deadLetters: deadLetters(nc), concurrency: 8, calls: 10 };
  running = await hostAsr({ ...options, nc: await broker.nc(), vad: loudnessVad, engines });
  return refused;
};
const called = async () => {
  const ref = await openCall(log);
  await play(audio, ref, chunks);
  return ref;
};
const modelsOf = async (ref: Parameters<typeof toldOf>[1]): Promise<readonly string[]> =>
  (await readSession(log, ref)).flatMap(({ envelope: { type, data } }) =>
    type === speechTranscribed.type ? [(data as { readonly model: string }).model] : [],
  );

describe('a call', () => {
  it('is heard by a server, and its name stands in the log', async () => {
    await listenWith([await server(vosk)]);
    const ref = await called();
    await expect.poll(() => toldOf(log, ref)).toEqual(['1 started', '1 hung-up: my order is', 'said: my order is']);
    expect(await modelsOf(ref)).toEqual([expect.stringMatching(/^vosk\/127\.0\.0\.1-\d+$/u)]);
  });

  it('is heard by the next recogniser, from its beginning, where the first one fails', async () => {
    const damaged: EngineAt = { kind: 'sherpa', where: '/nowhere' };
    const refused = await listenWith([damaged, await hangsUp(), { kind: 'sherpa', where: TINY }]);
    expect(refused).toMatchObject([{ code: 'model.invalid' }]);
    const ref = await called();
    await expect.poll(() => toldOf(log, ref)).toHaveLength(3);
    expect(await modelsOf(ref)).toEqual([expect.stringMatching(/^sherpa\/sense-voice@[0-9a-f]{12}$/u)]);
  });

  it('is told as not transcribed, with the reason, where none is left', async () => {
    await listenWith([await hangsUp(), await server(() => undefined)]);
    const ref = await called();
    await expect.poll(() => toldOf(log, ref)).toEqual(['1 started', '1 timed-out']);
  });
});
