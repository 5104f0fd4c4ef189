import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionId, TenantId } from '../events/envelope.ts';
import { archiveRole, brokerUser, gatewayRole, inboxOf, operatorRole, voiceRole } from '../shared/access/roles.ts';
import { eraseSession } from '../shared/archive/erase.ts';
import { folderStore } from '../shared/archive/folder.ts';
import type { ObjectStore } from '../shared/archive/objects.ts';
import { publishBot } from '../shared/bot/store.ts';
import { keyring, type Keyring } from '../shared/crypto/keyring.ts';
import { tenantKeysOf } from '../shared/crypto/tenant-keys.fixture.ts';
import { serverCounters } from '../shared/log/counters.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import { AUDIO_KEPT_MS, provision } from '../shared/log/provision.ts';
import { fromLinear, toLinear } from '../shared/speech/codecs.ts';
import { provisionSpeech } from '../shared/speech/provision.ts';
import { readWav } from '../shared/speech/wav.ts';
import { voiceTickets } from '../shared/tenancy/voice-ticket.ts';
import { readTenants } from '../shared/tenancy/tenants.ts';
import { startBroker, type TestServer } from '../shared/testing/broker.ts';
import { hashOfKey } from '../shared/tenancy/api-key.ts';
import { keepSoundOnce } from './archive/keep-sound.ts';
import { ACME, gatewayOn, RIVAL } from './gateway/gateway.fixture.ts';
import { recordingsIn } from './gateway/recordings.ts';
import { hum, phoneBot, saying, SESSION_KEY } from './voice/platform.fixture.ts';
import { startVoice, type RunningVoice } from './voice/start.ts';
import { twilioGateway } from './voice/testing/gateway-twilio.ts';

// Each process has the permissions of its own role, and nothing else: a real server refuses the rest.

const ROLES = [voiceRole, archiveRole, gatewayRole, operatorRole];
const TOKEN = 'Bearer a.b.c';
const SPOKEN = saying('where is my parcel', 2_000);
const WAIT = { timeout: 10_000, interval: 50 };
const tenantKeys = tenantKeysOf('acme', 'rival');
const tenants = readTenants({
  tenants: { acme: { bot: phoneBot.name, keys: [hashOfKey(ACME)], voice: { keepAudioDays: 1 } } },
});

let broker: TestServer;
let dir: string;
let objects: ObjectStore;
let voice: RunningVoice;
let app: ReturnType<typeof gatewayOn>;
const failures: string[] = [];
const now = () => new Date();
const as = async ({ user }: { readonly user: string }): Promise<{ nc: NatsConnection; keys: Keyring }> => {
  const nc = await broker.nc({ user, pass: user, inboxPrefix: inboxOf(user) });
  return { nc, keys: keyring(nc, tenantKeys) };
};

beforeAll(async () => {
  broker = await startBroker({ users: ROLES.map((role) => brokerUser(role, role.user)) });
  dir = await mkdtemp(join(tmpdir(), 'turnstream-kept-'));
  objects = folderStore(dir);
  const operator = await as(operatorRole);
  await provision(operator.nc, { replicas: 1, durables: [] });
  await provisionSpeech(operator.nc);
  await publishBot(operator.nc, phoneBot);
  voice = await startVoice({
    ...(await as(voiceRole)),
    tenants,
    bots: new Map([[phoneBot.name, phoneBot]]),
    sessionKey: SESSION_KEY,
    voice: hum,
    watch: {
      began: () => undefined,
      ended: () => undefined,
      flaw: () => undefined,
      failed: (what, error) => failures.push(`${what} ${String(error)}`),
    },
    host: '127.0.0.1',
    port: 0,
  });
  const { nc, keys } = await as(gatewayRole);
  app = gatewayOn(jetstreamLog(nc, { cipher: keys }), {
    recordings: recordingsIn(nc, { objects, cipher: keys }),
    isErased: (ref) => keys.isErased(ref),
    botOf: () => phoneBot,
    tokens: () => Promise.resolve({ tenant: 'acme' as TenantId, user: 'bob' }),
  });
});
afterAll(async () => {
  await app.close();
  await voice.stop();
  await broker.stop();
  await rm(dir, { recursive: true });
});

const ask = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  app.app.request(path, { headers: { authorization: `Bearer ${ACME}`, ...headers } });
const callsOf = async (session: string) =>
  ((await (await ask(`/v1/sessions/${session}/audio`)).json()) as { calls: { call: string; durationMs: number }[] })
    .calls;
const keep = async () => {
  const { nc, keys } = await as(archiveRole);
  return keepSoundOnce({ nc, objects, tenants, now, keyring: keys });
};

/** Somebody calls, says something for a while and hangs up; the session. */
async function called(): Promise<SessionId> {
  const response = await app.app.request('/v1/sessions', {
    method: 'POST',
    headers: { authorization: `Bearer ${ACME}`, 'content-type': 'application/json' },
    body: '{}',
  });
  const { session } = (await response.json()) as { readonly session: SessionId };
  const { ticket } = await voiceTickets(SESSION_KEY, now).make({ tenant: 'acme' as TenantId, session });
  const gateway = twilioGateway({}, { speed: 4 });
  await gateway.connect(`${voice.url.replace('http', 'ws')}/v1/voice/twilio?ticket=${ticket}`);
  await gateway.wait(200);
  await gateway.speak(SPOKEN);
  gateway.hangUp();
  await expect.poll(() => voice.calls(), WAIT).toBe(0);
  return session;
}

describe('the sound of a call, by processes with their own permissions', () => {
  it('is counted, kept, and heard again as it was spoken', async () => {
    const session = await called();
    const operator = await as(operatorRole);
    const stretch = Math.floor(Date.now() / AUDIO_KEPT_MS);
    const counted = () => serverCounters(operator.nc).add('acme', `sound-${stretch}`, 0);
    await expect.poll(counted, WAIT).toBeGreaterThan(16_000);
    // Nothing that the voice process does was refused.
    expect(failures).toEqual([]);

    expect(await callsOf(session)).toEqual([]);
    expect(await keep()).toEqual({ kept: 1, removed: 0, failures: [] });
    const [call] = await callsOf(session);
    expect(call?.durationMs).toBeGreaterThanOrEqual(2_200);
    const response = await ask(`/v1/sessions/${session}/audio/${call?.call}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'audio/wav']);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    const wav = readWav(bytes);
    if (!wav.ok) throw new Error(wav.why);
    expect([wav.rate, wav.samples.length]).toEqual([8_000, (call?.durationMs ?? 0) * 8]);
    const said = fromLinear(toLinear(fromLinear(SPOKEN, 'mulaw'), 'mulaw'), 'l16');
    expect(Buffer.from(bytes).includes(Buffer.from(said))).toBe(true);

    // Any part of it, for players that jump.
    const part = await ask(`/v1/sessions/${session}/audio/${call?.call}`, { range: 'bytes=40-10043' });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 40-10043/${bytes.length}`]);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(40, 10_044));
    const etag = response.headers.get('etag') ?? '';
    const last = { range: 'bytes=-100', 'if-range': etag };
    const end = await ask(`/v1/sessions/${session}/audio/${call?.call}`, last);
    expect(new Uint8Array(await end.arrayBuffer())).toEqual(bytes.slice(-100));
    const other = { range: 'bytes=-100', 'if-range': '"another"' };
    expect((await ask(`/v1/sessions/${session}/audio/${call?.call}`, other)).status).toBe(200);
    const beyond = await ask(`/v1/sessions/${session}/audio/${call?.call}`, { range: 'bytes=99999999-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
  }, 30_000);

  it('is for its tenant: not for another, not for customers, not for nobody', async () => {
    const session = await called();
    await keep();
    const [call] = await callsOf(session);
    const path = `/v1/sessions/${session}/audio`;
    const rival = { authorization: `Bearer ${RIVAL}` };
    expect(await (await ask(path, rival)).json()).toEqual({ session, calls: [] });
    const statuses = await Promise.all(
      [rival, { authorization: TOKEN }, { authorization: 'Bearer ts_acme_wrong' }, { authorization: '' }].map(
        async (headers) => (await ask(`${path}/${call?.call}`, headers)).status,
      ),
    );
    expect(statuses).toEqual([404, 403, 401, 401]);
    expect((await ask('/v1/sessions/nonsense/audio')).status).toBe(400);
  }, 30_000);

  it('is gone once its session was erased, for whoever asks', async () => {
    const session = await called();
    await keep();
    const [call] = await callsOf(session);
    const { nc, keys } = await as(operatorRole);
    const log = jetstreamLog(nc, { cipher: keys });
    const ref = { tenant: 'acme' as TenantId, session };
    const files = async () => (await readdir(dir, { recursive: true })).filter((name) => name.includes(session));
    expect((await files()).length).toBeGreaterThan(1);
    await eraseSession({ nc, log, keyring: keys, objects, now }, ref, 'olga');
    expect((await ask(`/v1/sessions/${session}/audio`)).status).toBe(410);
    expect((await ask(`/v1/sessions/${session}/audio/${call?.call}`)).status).toBe(410);
    expect((await files()).filter((name) => name.endsWith('.sound'))).toEqual([]);
    expect((await keep()).kept).toBe(0);
  }, 30_000);
});
