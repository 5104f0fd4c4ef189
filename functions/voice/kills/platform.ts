import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { provision } from '../../../shared/log/provision.ts';
import { provisionTicks } from '../../../shared/log/timers.ts';
import { lineNoise } from '../../../shared/speech/conversation.fixture.ts';
import { provisionSpeech } from '../../../shared/speech/provision.ts';
import { writeWav } from '../../../shared/speech/wav.ts';
import { hashOfKey, newApiKey } from '../../../shared/tenancy/api-key.ts';
import { startBroker, type TestServer } from '../../../shared/testing/broker.ts';
import { closed, freePorts, listening } from '../../../shared/testing/ports.ts';
import { TENANT } from '../../../shared/testing/rig.ts';
import { supervise, type Supervised } from '../../faults/supervised.ts';
import { durablesOf, groupsOf } from '../../index.ts';
import type { Lines } from './callers.ts';

/** What is killed: all of it may die at the same time. */
export const KINDS = ['asr', 'voice', 'relay'] as const;
export type Kind = (typeof KINDS)[number];

/** A platform for calls made of real processes, which are started again when they die, as an orchestrator would. */
export interface KillablePlatform {
  readonly broker: TestServer;
  readonly nc: NatsConnection;
  readonly lines: Lines;
  readonly processes: Readonly<Record<Kind, readonly Supervised[]>>;
  deaths(kind: Kind): number;
  stop(): Promise<void>;
}

export interface KillableOptions {
  /** The folder of the model that listens. */
  readonly model: string;
  /** Processes of each kind. */
  readonly replicas: number;
  /** How long each sentence takes that is said to a caller. */
  readonly saysMs?: number;
}

/** From which sessions of callers are named. */
export const SECRET = 'k'.repeat(32);
const BOT = 'shop-helpdesk';
/** A call whose process says nothing for so long is over: longer than a process takes to start on a busy machine. */
const LEASE_MS = 20_000;
/** What a relay or function held is delivered again after this time. */
const ACK_WAIT_MS = 1_000;
const SAYS_MS = 700;

/** Starts everything; the functions of a turn are behind HTTP, and relays bring them what happens. */
export async function startKillable({ model, replicas, saysMs = SAYS_MS }: KillableOptions): Promise<KillablePlatform> {
  const dir = await mkdtemp(join(tmpdir(), 'turnstream-kills-'));
  const broker = await startBroker();
  const nc = await broker.nc();
  const durables = durablesOf(groupsOf('chained')).map((durable) => ({ ...durable, ackWaitMs: ACK_WAIT_MS }));
  await provision(nc, { replicas: 1, durables });
  await provisionTicks(nc);
  await provisionSpeech(nc);
  const key = newApiKey(TENANT);
  const tenants = join(dir, 'tenants.yml');
  await writeFile(tenants, JSON.stringify({ tenants: { [TENANT]: { bot: BOT, keys: [hashOfKey(key)] } } }));
  const voices = await startVoices(saysMs);
  const [turnPort, ...ports] = await freePorts(replicas + 1);
  const env = {
    TURNSTREAM_NATS_URL: broker.url,
    TURNSTREAM_HOST: '127.0.0.1',
    TURNSTREAM_OPS_HOST: '127.0.0.1',
    TURNSTREAM_OPS_PORT: '0',
    TURNSTREAM_LOG_LEVEL: 'error',
  };
  const targets = JSON.stringify({ turn: `http://127.0.0.1:${turnPort}/` });
  const asrEnv = { ...env, TURNSTREAM_ASR_ENGINES: `small=${model}` };
  const relayEnv = { ...env, TURNSTREAM_RELAY_TARGETS: targets };
  const turnEnv = { ...env, TURNSTREAM_HOST_MODE: 'http', TURNSTREAM_PORT: String(turnPort) };
  const voiceEnv = (port: number) => ({
    ...env,
    TURNSTREAM_PORT: String(port),
    TURNSTREAM_TENANTS: tenants,
    TURNSTREAM_SESSION_KEY: SECRET,
    TURNSTREAM_CALL_LEASE_MS: String(LEASE_MS),
    TURNSTREAM_TTS_URL: voices.url,
  });
  const several = (start: (i: number) => Supervised) => Array.from({ length: replicas }, (_, i) => start(i));
  const processes = {
    asr: several(() => supervise('../asr/main.ts', [], asrEnv)),
    voice: ports.map((port) => supervise('../voice/main.ts', [], voiceEnv(port))),
    relay: several(() => supervise('../relay/main.ts', [], relayEnv)),
  };
  const turn = supervise('../main.ts', ['--group', 'turn'], turnEnv);
  const all = [...Object.values(processes).flat(), turn];
  await Promise.all(all.map((each) => each.ready()));
  let stopped: Promise<void> | undefined;
  return {
    broker,
    nc,
    processes,
    lines: { urls: ports.map((port) => `ws://127.0.0.1:${port}`), key },
    deaths: (kind) => processes[kind].reduce((sum, each) => sum + each.deaths(), 0),
    stop: () =>
      (stopped ??= (async () => {
        await Promise.all(all.map((each) => each.stop()));
        await broker.stop();
        await voices.stop();
        await rm(dir, { recursive: true, force: true });
      })()),
  };
}

/** A server of speech that hums the same short thing, whatever is to be said. */
async function startVoices(ms: number): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const samples = lineNoise(ms).map((sample) => sample * 20);
  const wav = writeWav({ rate: 8_000, samples });
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'audio/wav' }).end(wav));
  const port = await listening(server);
  return { url: `http://127.0.0.1:${port}/v1`, stop: () => closed(server) };
}

/** Kills processes, each time one by chance once it is ready, until it is told to stop. */
export async function killAtRandom(
  { processes }: Pick<KillablePlatform, 'processes'>,
  { chance, everyMs, stop }: { readonly chance: () => number; readonly everyMs: number; readonly stop: AbortSignal },
): Promise<void> {
  const all = KINDS.flatMap((kind) => processes[kind]);
  const goesOn = () => !stop.aborted;
  while (goesOn()) {
    await delay(everyMs * (0.5 + chance()), undefined, { signal: stop }).catch(() => undefined);
    const victim = all[Math.floor(chance() * all.length)];
    // Who is killed before it has begun does nothing that could go wrong.
    await Promise.race([victim?.ready(), once(stop, 'abort')]);
    if (goesOn()) victim?.kill();
  }
}
