import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sessionResumed } from '../../events/session.ts';
import { utteranceReceived } from '../../events/understanding.ts';
import { booksOf } from '../../shared/archive/books.ts';
import { returning } from '../../shared/archive/departures.ts';
import { historyOf } from '../../shared/archive/history.ts';
import { fromRow } from '../../shared/archive/row.ts';
import { startBucket } from '../../shared/archive/s3.fixture.ts';
import { bucketStore } from '../../shared/archive/s3.ts';
import { keyring } from '../../shared/crypto/keyring.ts';
import { tenantKeysOf } from '../../shared/crypto/tenant-keys.fixture.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { timerSetter } from '../../shared/log/timers.ts';
import { newSession, opening, saying, transcript, typesOf } from '../../shared/testing/rig.ts';
import { archiveOnce } from './archive-once.ts';
import { DAY_MS } from './retention.ts';
import { ACME, archivedIds, GLOBEX, idsOf, startRig, WEEK, type Rig } from './rig.fixture.ts';

const CANARY = 'canary-77b1e0 where is my parcel';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.stop());

const comesBack = async (ref: SessionRef): Promise<void> => {
  const departed = await returning({ nc: rig.nc, cipher: rig.keyring })(ref);
  const [first] = await readSession(rig.log, ref);
  expect(first).toBeUndefined();
  expect(departed).toBeDefined();
  const { bot } = opening().data;
  await rig.append(ref, sessionResumed({ channel: 'test', bot, ...(departed && { archived: departed }) }));
};

describe('a session that is idle for long enough', () => {
  it('leaves the log for a file of its tenant and day, encrypted, with every event once', async () => {
    const ref = newSession();
    await rig.say(ref, CANARY);
    const before = await readSession(rig.log, ref);
    rig.day = 8;
    const report = await archiveOnce(rig.archive());

    expect(report).toMatchObject({ left: 1, stayed: {}, failures: [], written: [{ sessions: 1, events: 6 }] });
    expect(await readSession(rig.log, ref)).toEqual([]);
    const files = await rig.files();
    expect([...files.keys()]).toEqual([report.written[0]?.object]);
    const day = before[0]?.envelope.time.slice(0, 10) ?? '';
    expect([...files.keys()][0]).toMatch(new RegExp(`^tenant=acme/day=${day}/1-6-[0-9a-f]{16}\\.parquet$`, 'u'));
    expect(await archivedIds(rig, ref)).toEqual(idsOf(before));
    const rows = [...files.values()].flat();
    expect(rows.every(({ data, sealed }) => data === null && sealed)).toBe(true);
    const read = await Promise.all(rows.map((row) => fromRow(row, rig.keyring)));
    expect(read).toEqual(before);
    expect(await rig.isOnDisk('canary-77b1e0')).toBe(false);
    expect(await historyOf(booksOf(rig.nc), rig.objects, rig.keyring, ref)).toEqual(before);
  });

  it('is not there a moment too early, nor for a tenant that waits longer, nor by one clock only', async () => {
    const [idle, patient, skewed] = [newSession(), newSession(GLOBEX), newSession()];
    for (const ref of [idle, patient]) await rig.say(ref, 'hello');
    rig.day = 3;
    await rig.say(skewed, 'hello');
    const archive = rig.archive({
      retention: (tenant) => (tenant === GLOBEX ? { ...WEEK, idleMs: 30 * DAY_MS, quietMs: 30 * DAY_MS } : WEEK),
    });
    rig.day = 6.999;
    expect(await archiveOnce(archive)).toMatchObject({ left: 0, written: [] });
    rig.day = 7.001;
    expect(await archiveOnce(archive)).toMatchObject({ left: 1, written: [{ sessions: 1 }] });
    expect(await readSession(rig.log, idle)).toEqual([]);
    rig.day = 10.001;
    expect(await archiveOnce(archive)).toMatchObject({ left: 1 });
    expect(await readSession(rig.log, patient)).toHaveLength(6);
    rig.day = 30.001;
    expect(await archiveOnce(archive)).toMatchObject({ left: 1 });
  });

  it('shares a file with others of its tenant and day, and with nobody else', async () => {
    const refs = [newSession(), newSession(), newSession(GLOBEX)];
    for (const ref of refs) await rig.say(ref, 'hello');
    rig.day = 8;
    expect(await archiveOnce(rig.archive())).toMatchObject({ left: 3 });
    const files = await rig.files();
    expect([...files.keys()].map((name) => name.split('/')[0])).toEqual(['tenant=acme', 'tenant=globex']);
    for (const [name, rows] of files)
      for (const row of rows) expect(name.startsWith(`tenant=${row.tenant}/`)).toBe(true);
    // Another tenant's key opens nothing of it.
    const foreign = keyring(rig.nc, tenantKeysOf(GLOBEX));
    for (const row of [...files.values()][0] ?? [])
      await expect(fromRow(row, foreign)).rejects.toMatchObject({ code: 'key.no-tenant-key' });
  });

  it('stays while a timer of it is set', async () => {
    const ref = newSession();
    await rig.say(ref, 'hello');
    const [, utterance] = await readSession(rig.log, ref);
    const id = utterance?.envelope.id;
    if (id) await timerSetter(rig.nc)({ ...ref, id }, new Date(Date.now() + DAY_MS));
    rig.day = 8;
    expect(await archiveOnce(rig.archive())).toMatchObject({ left: 0, stayed: { 'waits-for-timer': 1 } });
    expect(await readSession(rig.log, ref)).toHaveLength(6);
  });

  it('stays while its file is damaged or missing, and others leave', async () => {
    const [ref, other] = [newSession(), newSession(GLOBEX)];
    for (const each of [ref, other]) await rig.say(each, 'hello');
    rig.day = 8;
    const archive = rig.archive({
      objects: {
        ...rig.objects,
        // Verified when it was written, and lost before the session leaves.
        get: async (name) => (name.includes('acme') && lost ? undefined : rig.objects.get(name)),
      },
      checkpoint: (name) => {
        if (name === 'closed') lost = true;
      },
    });
    let lost = false;
    expect(await archiveOnce(archive)).toMatchObject({ left: 1, stayed: { 'not-archived': 1 } });
    expect(await readSession(rig.log, ref)).toHaveLength(6);
    const [name = ''] = [...(await rig.files()).keys()];
    await writeFile(join(rig.dir, name), 'damaged');
    expect(await archiveOnce(rig.archive())).toMatchObject({ left: 0, stayed: { 'archive.damaged': 1 } });
    expect(await readSession(rig.log, ref)).toHaveLength(6);
    await rm(join(rig.dir, name));
    expect(await archiveOnce(rig.archive())).toMatchObject({ left: 0, stayed: { 'not-archived': 1 } });
  });

  it('of a tenant whose key is missing does not keep the others', async () => {
    const [ref, other] = [newSession(), newSession(GLOBEX)];
    for (const each of [ref, other]) await rig.say(each, 'hello');
    rig.day = 8;
    const tenantKeys = tenantKeysOf(ACME);
    const half = keyring(rig.nc, tenantKeys);
    expect(await archiveOnce(rig.archive({ keyring: half }))).toMatchObject({
      failures: [
        { tenant: ACME, code: 'key.no-tenant-key' },
        { tenant: GLOBEX, code: 'key.no-tenant-key' },
      ],
    });
    expect(await archiveOnce(rig.archive())).toMatchObject({ left: 2, failures: [] });
    for (const each of [ref, other]) expect(await archivedIds(rig, each)).toHaveLength(6);
  });
});

describe('a customer who comes back after the session has left', () => {
  it('continues the open question', async () => {
    const ref = newSession();
    await rig.say(ref, 'where is my parcel');
    rig.day = 8;
    await archiveOnce(rig.archive());
    rig.day = 60;
    await comesBack(ref);
    await rig.say(ref, 'it is TS12345678');
    expect(await transcript(rig.log, ref)).toEqual(['turn.replied: Parcel TS12345678 is on its way.']);
    expect(await typesOf(rig.log, ref)).toEqual([
      'session.resumed',
      'utterance.received',
      'intent.not-recognised',
      'entities.extracted',
      'policy.decided',
      'turn.replied',
    ]);
    const second = await readSession(rig.log, ref);

    // It leaves again, and comes back again.
    rig.day = 70;
    expect(await archiveOnce(rig.archive())).toMatchObject({ left: 1, written: [{ events: 6 }] });
    expect(await archivedIds(rig, ref)).toHaveLength(12);
    expect((await archivedIds(rig, ref)).slice(6)).toEqual(idsOf(second));
    await comesBack(ref);
    await rig.say(ref, 'hello');
    expect(await transcript(rig.log, ref)).toEqual(['turn.replied: Hello!']);
  });

  it('whose state was folded by an older build gets it folded again, from the files', async () => {
    const ref = newSession();
    await rig.say(ref, 'where is my parcel');
    rig.day = 8;
    const archive = rig.archive();
    await archiveOnce(archive);
    const { nc, keyring: cipher, objects } = rig;
    const departed = await returning({ nc, cipher })(ref);
    const last = (await historyOf(archive.books, objects, cipher, ref)).at(-1);
    if (!departed || !last) throw new Error('did not leave');
    const outdated = { ...departed, snapshot: { ...departed.snapshot, fold: 'dialogue-0', state: {} } };
    await archive.departures.put(ref, { id: last.envelope.id, position: 1_000 }, outdated);
    await expect(returning({ nc, cipher })(ref)).rejects.toMatchObject({ code: 'archive.outdated-state' });
    expect(await returning({ nc, cipher, objects })(ref)).toEqual(departed);
  });

  it('is nobody where the session never left', async () => {
    const ref = newSession();
    expect(await returning({ nc: rig.nc, cipher: rig.keyring })(ref)).toBeUndefined();
    await rig.say(ref, 'hello');
    expect(await returning({ nc: rig.nc, cipher: rig.keyring })(ref)).toBeUndefined();
  });
});

it('what is quiet can be archived early, piece by piece, and leaves later', async () => {
  const ref = newSession();
  const hourly = { retention: () => ({ ...WEEK, quietMs: DAY_MS / 24 }) };
  const archive = rig.archive(hourly);
  await rig.say(ref, 'where is my parcel');
  rig.day = 1;
  expect(await archiveOnce(archive)).toMatchObject({ left: 0, written: [{ events: 6 }] });
  expect(await archiveOnce(archive)).toMatchObject({ left: 0, written: [] });
  // A process that has just started knows it from the books.
  expect(await archiveOnce(rig.archive(hourly))).toMatchObject({ left: 0, written: [] });
  await rig.say(ref, 'TS12345678');
  rig.day = 2;
  expect(await archiveOnce(archive)).toMatchObject({ left: 0, written: [{ events: 5 }] });
  const whole = await readSession(rig.log, ref);
  expect(await archivedIds(rig, ref)).toEqual(idsOf(whole));
  rig.day = 9;
  expect(await archiveOnce(archive)).toMatchObject({ left: 1, written: [] });
  expect(await archivedIds(rig, ref)).toEqual(idsOf(whole));
  expect((await rig.files()).size).toBe(2);
});

it('a tenant may want its archive readable', async () => {
  const ref = newSession();
  await rig.say(ref, CANARY);
  rig.day = 8;
  await archiveOnce(rig.archive({ retention: () => ({ ...WEEK, content: 'plain' }) }));
  const rows = [...(await rig.files()).values()].flat();
  const said = rows.find(({ type }) => type === utteranceReceived.type);
  expect(said).toMatchObject({ sealed: null, data: JSON.stringify(saying(CANARY).data) });
});

it('a bucket serves as well as a folder', async () => {
  const s3 = await startBucket('archive/');
  const ref = newSession();
  await rig.say(ref, 'hello');
  rig.day = 8;
  expect(await archiveOnce(rig.archive({ objects: bucketStore(s3.bucket) }))).toMatchObject({ left: 1 });
  expect([...s3.objects.keys()]).toEqual([expect.stringMatching(/^\/conversations\/archive\/tenant=acme\/day=/u)]);
  await s3.stop();
});
