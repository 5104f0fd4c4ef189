import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asrRole, brokerUser, inboxOf, voiceRole } from '../access/roles.ts';
import { keyring } from '../crypto/keyring.ts';
import { tenantKeysOf } from '../crypto/tenant-keys.fixture.ts';
import { provision } from '../log/provision.ts';
import { AUDIO } from '../log/streams.ts';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { chunkOf, describeAudio, newCall } from './audio-log.contract.ts';
import { audioLog } from './audio-log.ts';
import { hearingStore } from './hearing-store.ts';
import { LISTENERS, provisionSpeech } from './provision.ts';

const tenantKeys = tenantKeysOf('acme');

describeAudio('on JetStream', async () => {
  const broker = await startBroker();
  const nc = await broker.nc();
  await provision(nc, { replicas: 1, durables: [] });
  return { audio: audioLog(nc), hearing: hearingStore(nc), stop: () => broker.stop() };
});

describeAudio('on JetStream, encrypted, as the users that do it', async () => {
  const broker = await startBroker({ users: users() });
  await provisioned(broker);
  const voice = await connectAs(broker, 'voice');
  const asr = await connectAs(broker, 'asr');
  const written = audioLog(voice, { cipher: keyring(voice, tenantKeys) });
  const cipher = keyring(asr, tenantKeys);
  return {
    audio: { ...audioLog(asr, { cipher }), append: (...given) => written.append(...given) },
    hearing: hearingStore(asr, cipher),
    stop: () => broker.stop(),
  };
});

describe('what stands in the stream', () => {
  let broker: TestServer;
  beforeAll(async () => {
    broker = await startBroker({ users: users() });
    await provisioned(broker);
  });
  afterAll(() => broker.stop());

  it('is no sound that somebody without the key could hear, nor after the session was erased', async () => {
    const voice = await connectAs(broker, 'voice');
    const keys = keyring(voice, tenantKeys);
    const ref = newCall();
    const { position } = (await audioLog(voice, { cipher: keys }).append(ref, chunkOf(1), 0)) as { position: number };
    const plain = (await audioLog(voice).at(ref, position))?.sound ?? new Uint8Array();
    expect(Buffer.from(plain).includes(Buffer.from(chunkOf(1).sound.slice(0, 16)))).toBe(false);

    const operator = await connectAs(broker, 'operator');
    await keyring(operator, tenantKeys).erase(ref, new Date());
    const afterwards = audioLog(operator, { cipher: keyring(operator, tenantKeys) });
    expect(await afterwards.at(ref, position)).toBeUndefined();
  });

  it('cannot be written by who listens', async () => {
    const asr = await connectAs(broker, 'asr');
    await expect(audioLog(asr, { timeoutMs: 300 }).append(newCall(), chunkOf(1), 0)).rejects.toThrow();
  });

  it('is bounded, and has a consumer for those who listen', async () => {
    const jsm = await jetstreamManager(await connectAs(broker, 'operator'));
    const { config } = await jsm.streams.info(AUDIO);
    expect(config).toMatchObject({ max_age: 600e9, max_msgs_per_subject: 10_000, discard: 'old' });
    expect((await jsm.consumers.info(AUDIO, LISTENERS)).config.filter_subjects).toEqual(['audio.>']);
  });
});

function users() {
  const operator = { user: 'operator', publish: ['>'], subscribe: ['>'] };
  return [voiceRole, asrRole, operator].map((role) => brokerUser(role, role.user));
}

const connectAs = (broker: TestServer, user: string) => broker.nc({ user, pass: user, inboxPrefix: inboxOf(user) });

async function provisioned(broker: TestServer): Promise<void> {
  const nc = await connectAs(broker, 'operator');
  await provision(nc, { replicas: 1, durables: [] });
  await provisionSpeech(nc);
  await provisionSpeech(nc);
}
