import type { NatsConnection } from '@nats-io/nats-core';
import type { Bot } from '../../shared/bot/bot.ts';
import { canonicalBot } from '../../shared/bot/canonical.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { breakers } from '../../shared/egress/breaker.ts';
import { tailOf } from '../../shared/log/append.ts';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Log, SessionRef, Stored } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { readSession } from '../../shared/log/read.ts';
import { pullHost } from '../../shared/runtime/pull.ts';
import type { Running } from '../../shared/runtime/deliveries.ts';
import { audioLog } from '../../shared/speech/audio-log.ts';
import { partialSubject } from '../../shared/speech/chunk.ts';
import type { Engine } from '../../shared/speech/engine.ts';
import { enginesOf } from '../../shared/speech/engines.ts';
import { hearingStore } from '../../shared/speech/hearing-store.ts';
import { loudnessVad } from '../../shared/speech/listening.fixture.ts';
import { provisionSpeech } from '../../shared/speech/provision.ts';
import type { Voice } from '../../shared/speech/tts/voice.ts';
import { hashOfKey } from '../../shared/tenancy/api-key.ts';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { voiceTickets, type Tickets } from '../../shared/tenancy/voice-ticket.ts';
import { testBot } from '../../shared/testing/bot.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { keywordPorts, TENANT, testHost } from '../../shared/testing/rig.ts';
import { asrHost } from '../asr/host.ts';
import { listener } from '../asr/listener.ts';
import { durablesOf, groupsOf } from '../index.ts';
import type { CallWatch } from './options.ts';
import { startVoice, type RunningVoice, type StartOptions } from './start.ts';

/** What a caller can say: each is a tone of so many hertz, and the engine of these tests knows them. */
export const WORDS = {
  hello: 300,
  'where is my parcel': 500,
  'my order is TS12345678': 700,
  'a human please': 900,
  bye: 1_100,
} as const;
export type Words = keyof typeof WORDS;
/** What is loud, and no word. */
const COUGH = 150;

export const API_KEY = 'ts_acme_0123456789abcdef';
export const TWILIO_TOKEN = 'twilio-token-of-acme';
export const SESSION_KEY = 'k'.repeat(32);

/** What a caller says. */
export const saying = (words: Words, ms = 600, rate = 8_000): Int16Array => toneOf(WORDS[words], ms, rate);
export const coughing = (ms = 200): Int16Array => toneOf(COUGH, ms);

const toneOf = (hertz: number, ms: number, rate = 8_000): Int16Array =>
  Int16Array.from({ length: (ms * rate) / 1_000 }, (_, i) =>
    Math.round(9_000 * Math.sin((2 * Math.PI * hertz * i) / rate)),
  );

/** Counts how often the sound crosses zero. Words are known once 200 ms of them were heard. */
export function toneEngine(): Engine {
  const isLoud = (sample: number) => Math.abs(sample) > 300;
  const known = (all: readonly number[]): string => {
    const sound = all.slice(all.findIndex(isLoud), all.findLastIndex(isLoud) + 1);
    if (sound.length < 1_600 || !all.some(isLoud)) return '';
    const crossings = sound.filter((sample, i) => i > 0 && sample >= 0 !== (sound[i - 1] ?? 0) >= 0).length;
    const hertz = (crossings / 2 / sound.length) * 8_000;
    return Object.entries(WORDS).find(([, of]) => Math.abs(of - hertz) < 60)?.[0] ?? '';
  };
  return {
    capabilities: { model: 'tones@1', languages: [], rate: 8_000, streaming: true, state: 'cached', words: false },
    begin: () => {
      const all: number[] = [];
      return Promise.resolve({
        hear: (sound) => {
          all.push(...sound);
          return Promise.resolve(known(all));
        },
        finish: () => Promise.resolve({ text: known(all), confidence: 1 }),
        save: () => undefined,
        close: () => undefined,
      });
    },
    close: () => Promise.resolve(),
  };
}

/** A voice that takes 60 ms for each character, and hums. */
export const hum: Voice = {
  name: 'hum',
  say: (text) => Promise.resolve({ rate: 16_000, samples: toneOf(220, text.length * 60, 16_000) }),
};

/** The test bot, patient as tests are. */
export const phoneBot: Bot = canonicalBot({
  ...testBot,
  settings: {
    ...testBot.settings,
    voice: {
      greeting: 'utter_greet',
      afterWordsMs: 300,
      withoutWordsMs: 500,
      betweenKeysMs: 400,
      questions: { order_number: { afterWordsMs: 600, keys: 10 } },
    },
  },
});

/** A whole platform for calls on a real server. */
export interface CallPlatform {
  readonly broker: TestServer;
  readonly nc: NatsConnection;
  readonly log: Log;
  readonly tickets: Tickets;
  /** Flaws and failures that were told of. */
  readonly told: readonly string[];
  voice(over?: Partial<StartOptions>): Promise<RunningVoice>;
  /** The session of the only call, or of the newest. */
  sessions(): Promise<readonly SessionRef[]>;
  story(ref: SessionRef): Promise<readonly Stored[]>;
  stop(): Promise<void>;
}

export const voiceTenants = (transferTo?: string) =>
  readTenants({
    tenants: {
      [TENANT]: {
        bot: phoneBot.name,
        keys: [hashOfKey(API_KEY)],
        voice: { twilioTokenFrom: 'TWILIO_TOKEN_OF_ACME', ...(transferTo !== undefined && { transferTo }) },
      },
    },
  });

/** Starts a server, the functions of a turn, and somebody who listens. */
export async function startCallPlatform(): Promise<CallPlatform> {
  const broker = await startBroker();
  const nc = await broker.nc();
  const groups = groupsOf('chained');
  await provision(nc, { replicas: 1, durables: durablesOf(groups) });
  await provisionSpeech(nc);
  await publishBot(nc, phoneBot);
  const log = jetstreamLog(nc);
  const letters = deadLetters(nc);
  const ports = { ...keywordPorts, botOf: () => Promise.resolve(phoneBot) };
  const host = testHost(log, { bots: () => phoneBot, ports, now: () => new Date() });
  const running: { stop(): Promise<unknown> }[] = await Promise.all(
    groups.map((group) => pullHost({ nc, group, host, deadLetters: letters, concurrency: 32 })),
  );
  running.push(await startAsr(await broker.nc()));
  const told: string[] = [];
  const watch: CallWatch = {
    began: () => undefined,
    ended: (_, reason) => void told.push(`ended ${reason}`),
    flaw: (gateway, kind) => void told.push(`${gateway} ${kind}`),
    failed: (what, error) => void told.push(`${what} ${String(error)}`),
  };
  const voices: RunningVoice[] = [];
  const sessions = new Set<string>();
  const following = log.follow({ types: ['call.started'] }, ({ envelope: { tenant, session } }) =>
    sessions.add(JSON.stringify({ tenant, session })),
  );
  return {
    broker,
    nc,
    log,
    told,
    tickets: voiceTickets(SESSION_KEY, () => new Date()),
    async voice(over = {}) {
      const started = await startVoice({
        nc: await broker.nc(),
        tenants: voiceTenants(),
        bots: new Map([[phoneBot.name, phoneBot]]),
        sessionKey: SESSION_KEY,
        voice: hum,
        watch,
        host: '127.0.0.1',
        port: 0,
        audioSocketPort: 0,
        ...over,
      });
      voices.push(started);
      return started;
    },
    sessions: () => Promise.resolve([...sessions].map((json) => JSON.parse(json) as SessionRef)),
    story: (ref) => readSession(log, ref),
    async stop() {
      following.stop();
      await Promise.all(voices.map((v) => v.stop()));
      await Promise.all(running.map((r) => r.stop()));
      await broker.stop();
    },
  };
}

/** Somebody who listens to all calls, with an ear for tones. */
export function startAsr(nc: NatsConnection, self = 'asr-1'): Promise<Running> {
  const log = jetstreamLog(nc);
  const engine = toneEngine();
  const listens = listener({
    vad: loudnessVad,
    engines: enginesOf(() => [engine], breakers()),
    audio: audioLog(nc),
    hearing: hearingStore(nc),
    log,
    tail: tailOf(log),
    now: () => new Date(),
    self,
    calls: 1_000,
    announce(ref, { utterance, text }) {
      nc.publish(partialSubject(ref), JSON.stringify({ utterance, text }));
    },
  });
  return asrHost({ nc, listener: listens, self, concurrency: 64, deadLetters: deadLetters(nc) });
}
