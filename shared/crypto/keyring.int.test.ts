import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Envelope, TenantId } from '../../events/envelope.ts';
import { tailOf } from '../log/append.ts';
import { jetstreamLog } from '../log/jetstream.ts';
import type { SessionRef } from '../log/log.ts';
import { provision } from '../log/provision.ts';
import { readSession } from '../log/read.ts';
import { register } from '../log/register.ts';
import { KEYS } from '../log/streams.ts';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { incoming, newSession, opening, saying } from '../testing/rig.ts';
import { keyring, type Keyring, type KeyringOptions } from './keyring.ts';
import { tenantKeysOf } from './tenant-keys.fixture.ts';

const CANARY = 'canary-5f0c2d-my-parcel';
const AT = new Date('2026-02-03T04:05:06.000Z');
const tenantKeys = tenantKeysOf('acme', 'globex');
const event = (ref: SessionRef) => incoming(ref, saying(CANARY));
const bytes = (text: string) => Buffer.from(text);

let server: TestServer;
let nc: NatsConnection;
beforeAll(async () => {
  server = await startBroker();
  nc = await server.nc();
  await provision(nc, { replicas: 1, durables: [] });
});
afterAll(() => server.stop());

const ring = (options?: KeyringOptions): Keyring => keyring(nc, tenantKeys, options);
const encrypted = (cipher: Keyring) => jetstreamLog(nc, { cipher });
/** The session's key as it is stored, wrapped. */
const wrapped = async ({ tenant, session }: SessionRef) => {
  const entry = await register(nc, KEYS).read(`key.${tenant}.${session}`);
  return (JSON.parse(Buffer.from(entry?.data ?? '').toString()) as { key: string }).key;
};
const isOnDisk = (text: string): boolean => filesIn(server.dir).some((file) => readFileSync(file).includes(text));
const filesIn = (dir: string): readonly string[] =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('a session key', () => {
  it('opens in another process what was sealed in this one, and answers at once from then on', async () => {
    const e = event(newSession());
    const [here, there] = [ring(), ring()];
    const sealed = await here.seal(e, bytes(CANARY));
    expect(Buffer.from(sealed).includes(CANARY)).toBe(false);
    expect(Buffer.from((await there.open(e, sealed)) ?? '').toString()).toBe(CANARY);
    expect(here.seal(e, bytes(CANARY))).toBeInstanceOf(Uint8Array);
    expect(there.open(e, sealed)).toBeInstanceOf(Uint8Array);
  });

  it('is made once by processes that append at the same time', async () => {
    const e = event(newSession());
    const rings = Array.from({ length: 8 }, () => ring());
    const sealed = await Promise.all(rings.map(async (r) => r.seal(e, bytes(CANARY))));
    for (const s of sealed) expect(Buffer.from((await rings[0]?.open(e, s)) ?? '').toString()).toBe(CANARY);
  });

  it('opens no other event, type, session or tenant', async () => {
    const ref = newSession();
    const e = event(ref);
    const cipher = ring();
    const sealed = await cipher.seal(e, bytes(CANARY));
    const other = event(newSession());
    await cipher.seal(other, bytes('something'));
    const elsewhere = event({ tenant: 'globex' as TenantId, session: ref.session });
    await cipher.seal(elsewhere, bytes('something'));
    const swapped: readonly Envelope[] = [
      { ...e, id: other.id },
      { ...e, type: 'turn.replied' },
      { ...e, session: other.session },
      elsewhere,
      { ...e, tenant: 'globex' as TenantId },
    ];
    for (const s of swapped)
      await expect(async () => cipher.open(s, sealed)).rejects.toMatchObject({ code: 'cipher.refused' });
    const bent = Uint8Array.from(sealed);
    bent[20] = (bent[20] ?? 0) ^ 1;
    await expect(async () => cipher.open(e, bent)).rejects.toMatchObject({ code: 'cipher.refused', retry: 'never' });
    await expect(async () => cipher.open(e, bytes('{"text":"plain"}'))).rejects.toMatchObject({
      code: 'cipher.refused',
    });
  });

  it('is useless without the key of its tenant, and with that of another', async () => {
    const ref = newSession();
    const e = event(ref);
    const sealed = await ring().seal(e, bytes(CANARY));
    const without = keyring(nc, tenantKeysOf('globex'));
    await expect(async () => without.open(e, sealed)).rejects.toMatchObject({
      code: 'key.no-tenant-key',
      retry: 'later',
    });
    const wrong = keyring(nc, new Map([['acme', tenantKeys.get('globex') ?? []]]));
    await expect(async () => wrong.open(e, sealed)).rejects.toMatchObject({ code: 'key.no-tenant-key' });
    // Another session's record, copied onto this one's subject.
    const copy = newSession(ref.tenant);
    const record = await register(nc, KEYS).read(`key.${ref.tenant}.${ref.session}`);
    await register(nc, KEYS).write(`key.${copy.tenant}.${copy.session}`, record?.data ?? '', 0);
    await expect(async () => ring().seal({ ...e, ...copy }, bytes(CANARY))).rejects.toMatchObject({
      code: 'cipher.refused',
    });
  });

  it('that was wrapped with an older key of the tenant still opens', async () => {
    const e = event(newSession());
    const sealed = await ring().seal(e, bytes(CANARY));
    const [older] = tenantKeys.get('acme') ?? [];
    const [newer] = tenantKeysOf('acme').get('acme') ?? [];
    const rotated = keyring(nc, new Map([['acme', [newer, older].filter((k) => k !== undefined)]]));
    expect(Buffer.from((await rotated.open(e, sealed)) ?? '').toString()).toBe(CANARY);
  });

  it('that is lost is not taken for destroyed', async () => {
    const never = event(newSession());
    await expect(async () => ring().open(never, bytes('anything'))).rejects.toMatchObject({
      code: 'key.missing',
      retry: 'later',
    });
  });
});

describe('rule 14: erasure', () => {
  it('leaves no byte of the key, and nothing opens or is sealed any more, in any process', async () => {
    const ref = newSession();
    const e = event(ref);
    const forgotten: SessionRef[] = [];
    const [eraser, witness] = [ring(), ring({ onErased: (r) => forgotten.push(r) })];
    const sealed = await eraser.seal(e, bytes(CANARY));
    expect(await witness.open(e, sealed)).toBeDefined();
    const key = await wrapped(ref);
    expect(isOnDisk(key)).toBe(true);
    expect(await eraser.isErased(ref)).toBe(false);

    await eraser.erase(ref, AT);

    expect(isOnDisk(key)).toBe(false);
    expect(await eraser.isErased(ref)).toBe(true);
    await expect.poll(() => forgotten).toEqual([{ tenant: ref.tenant, session: ref.session }]);
    for (const cipher of [eraser, witness, ring()]) {
      expect(await cipher.open(e, sealed)).toBeUndefined();
      await expect(async () => cipher.seal(e, bytes('again'))).rejects.toMatchObject({
        code: 'session.erased',
        retry: 'never',
      });
    }
  });

  it('is noticed by a process that missed the notice, when its cache is too old', async () => {
    const ref = newSession();
    const e = event(ref);
    let now = 0;
    const deaf = ring({ clock: () => now, cacheMs: 1_000 });
    const sealed = await deaf.seal(e, bytes(CANARY));
    deaf.stop();
    await ring().erase(ref, AT);
    now = 999;
    expect(deaf.open(e, sealed)).toBeInstanceOf(Uint8Array);
    now = 1_000;
    expect(await deaf.open(e, sealed)).toBeUndefined();
  });

  it('is finished by repeating it, where it was interrupted before the key was shredded', async () => {
    const ref = newSession();
    await ring().seal(event(ref), bytes(CANARY));
    const key = await wrapped(ref);
    const keys = register(nc, KEYS);
    const subject = `key.${ref.tenant}.${ref.session}`;
    const at = (await keys.read(subject))?.position ?? 0;
    await keys.write(subject, JSON.stringify({ erasedAt: AT.toISOString(), replaces: at }), at);
    expect(isOnDisk(key)).toBe(true);
    await ring().erase(ref, AT);
    expect(isOnDisk(key)).toBe(false);
    await ring().erase(ref, AT);
  });

  it('of a session that never was keeps its id from ever being used', async () => {
    const ref = newSession();
    await ring().erase(ref, AT);
    const log = encrypted(ring());
    await expect(log.append(incoming(ref, opening()), 0)).rejects.toMatchObject({ code: 'session.erased' });
  });
});

describe('the log with keys', () => {
  it('stores nothing that was said in plain, and reads it back', async () => {
    const ref = newSession();
    const [here, there] = [encrypted(ring()), encrypted(ring())];
    const rung: string[] = [];
    const following = there.follow(ref, ({ envelope }) => rung.push(envelope.type));
    await nc.flush();
    const tail = tailOf(here);
    await tail.append(incoming(ref, opening()));
    await tail.append(incoming(ref, saying(CANARY)));
    const events = await readSession(there, ref);
    expect(events.map(({ envelope }) => (envelope.data as { text?: string }).text)).toEqual([undefined, CANARY]);
    await expect.poll(() => rung).toEqual(['session.opened', 'utterance.received']);
    following.stop();
    expect(isOnDisk(CANARY)).toBe(false);
    // What an operator finds on disk is the envelope, and that is how the test knows that it looks in the right place.
    expect(isOnDisk(ref.session)).toBe(true);
  });

  it('reads nothing of an erased session, by any method', async () => {
    const ref = newSession();
    const cipher = ring();
    const log = encrypted(cipher);
    const tail = tailOf(log);
    await tail.append(incoming(ref, opening()));
    const stored = await tail.append(incoming(ref, saying(CANARY)));
    const position = stored.kind === 'appended' ? stored.stored.position : 0;
    await cipher.erase(ref, AT);
    for (const reader of [log, encrypted(ring())]) {
      expect(await readSession(reader, ref)).toEqual([]);
      expect(await reader.latest(ref)).toEqual([]);
      expect(await reader.at(ref, position)).toBeUndefined();
      expect(await reader.scan(ref, 0, 10)).toEqual([]);
    }
  });
});

it('the stream of keys must not limit messages for each subject', async () => {
  const jsm = await jetstreamManager(nc);
  expect((await jsm.streams.info(KEYS)).config).toMatchObject({ max_msgs_per_subject: -1, deny_delete: false });
});
