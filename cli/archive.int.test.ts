import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureTenantKeys } from '../shared/crypto/tenant-keys.ts';
import { publishBot } from '../shared/bot/store.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import { keyring } from '../shared/crypto/keyring.ts';
import type { SessionRef } from '../shared/log/log.ts';
import { readSession } from '../shared/log/read.ts';
import { audioLog } from '../shared/speech/audio-log.ts';
import { chunkOf, newCall } from '../shared/speech/audio-log.contract.ts';
import { readWav } from '../shared/speech/wav.ts';
import { startBroker, type TestServer } from '../shared/testing/broker.ts';
import { conversation, publishableBot, turnstream, type Ran } from './testing.ts';

let broker: TestServer;
let nc: NatsConnection;
let dir: string;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  broker = await startBroker();
  nc = await broker.nc();
  dir = await mkdtemp(join(tmpdir(), 'turnstream-cli-'));
  const keys = join(dir, 'keys.json');
  await ensureTenantKeys(keys, ['acme']);
  env = { TURNSTREAM_TENANT_KEYS: keys, TURNSTREAM_ARCHIVE_DIR: join(dir, 'archive') };
  // Sessions leave at once.
  await writeFile(
    join(dir, 'tenants.yml'),
    'tenants:\n  acme: { bot: test-bot, keys: [], idleDays: 0.000001, voice: { keepAudioDays: 30 } }\n',
  );
  await turnstream(['provision', '--nats', broker.url]);
  await publishBot(nc, publishableBot);
});
afterAll(async () => {
  await broker.stop();
  await rm(dir, { recursive: true });
});

const run = (...args: readonly string[]): Promise<Ran> => turnstream([...args, '--nats', broker.url], { env });
const spoken = async (): Promise<SessionRef> => {
  const cipher = keyring(nc, await ensureTenantKeys(env['TURNSTREAM_TENANT_KEYS'] ?? '', ['acme']));
  return conversation(nc, ['where is my parcel'], undefined, jetstreamLog(nc, { cipher }));
};

describe('turnstream archive', () => {
  it('lets idle sessions leave the log, and replay tells them from the archive', async () => {
    const ref = await spoken();
    const ran = await run('archive', '--tenants', join(dir, 'tenants.yml'), '--json');
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(ran.out)).toMatchObject({ written: [{ sessions: 1 }], left: 1, failures: [] });
    expect(await readSession(jetstreamLog(nc), ref)).toEqual([]);
    const told = await run('replay', ref.session);
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(told.out).toContain('where is my parcel');
    expect(told.out).toContain('decided the same again');
  });

  it('says which option is missing where no place is named for the files', async () => {
    const ran = await turnstream(['archive', '--nats', broker.url]);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('TURNSTREAM_ARCHIVE_DIR');
  });
});

describe('turnstream audio', () => {
  it('lists the calls whose sound is kept, and writes one as a WAV file', async () => {
    const ref = await spoken();
    const cipher = keyring(nc, await ensureTenantKeys(env['TURNSTREAM_TENANT_KEYS'] ?? '', ['acme']));
    const { call } = newCall();
    await audioLog(nc, { cipher }).append({ ...ref, call }, chunkOf(1, { last: true }), 0);
    const archived = await run('archive', '--tenants', join(dir, 'tenants.yml'), '--json');
    expect(JSON.parse(archived.out)).toMatchObject({ sound: { kept: 1, removed: 0, failures: [] } });
    expect((await run('audio', ref.session, '--tenant', ref.tenant)).out).toMatch(new RegExp(`${call}.*0\\.1 s`, 'u'));
    const file = join(dir, 'call.wav');
    const ran = await run('audio', ref.session, '--tenant', ref.tenant, '--out', file);
    expect(ran).toMatchObject({ code: 0, err: '' });
    const wav = readWav(await readFile(file));
    expect(wav.ok && wav.samples.length).toBe(800);
    expect((await run('audio', ref.session, '--tenant', ref.tenant, '--call', 'none', '--out', file)).code).toBe(1);
  });
});

describe('turnstream erase', () => {
  it('erases a session from log and archive, prints the receipt, and can be repeated', async () => {
    const ref = await spoken();
    for (const _ of [1, 2]) {
      const ran = await run('erase', ref.session, '--tenant', ref.tenant, '--by', 'olga', '--json');
      expect(ran).toMatchObject({ code: 0, err: '' });
      expect(JSON.parse(ran.out)).toMatchObject({ ...ref, by: 'olga' });
    }
    expect((await run('replay', ref.session)).err).toContain('there is no session');
  });

  it('needs keys, and a name of who asks', async () => {
    const ref = await spoken();
    const args = ['erase', ref.session, '--tenant', ref.tenant, '--nats', broker.url];
    const keyless = await turnstream([...args, '--by', 'olga'], { env: { TURNSTREAM_ARCHIVE_DIR: dir } });
    expect(keyless.code).toBe(1);
    expect(keyless.err).toContain('TURNSTREAM_TENANT_KEYS');
    expect(await turnstream(args, { env })).toMatchObject({ code: 2 });
  });
});
