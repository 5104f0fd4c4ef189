import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { returning } from '../../shared/archive/departures.ts';
import { eraseSession, receiptOf, type Receipt } from '../../shared/archive/erase.ts';
import { historyOf } from '../../shared/archive/history.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { register } from '../../shared/log/register.ts';
import { ARCHIVE, CONVERSATIONS, DEPARTED, TIMERS } from '../../shared/log/streams.ts';
import { sessionSubject } from '../../shared/log/subjects.ts';
import { timerSetter } from '../../shared/log/timers.ts';
import { newSession, transcript, typesOf } from '../../shared/testing/rig.ts';
import { archiveOnce } from './archive-once.ts';
import type { Checkpoint } from './archive.ts';
import { archivedIds, GLOBEX, startRig, WEEK, type Rig } from './rig.fixture.ts';

const CANARY = 'canary-19d4aa';
const PLAIN = { retention: () => ({ ...WEEK, content: 'plain' as const }) };

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.stop());

const erase = (ref: SessionRef, by = 'olga'): Promise<Receipt> => eraseSession(rig, ref, by);
const sayMore = async (...refs: readonly SessionRef[]): Promise<void> => {
  for (const ref of refs) await rig.say(ref, `${CANARY}-${ref.session} where is my parcel`);
};

describe('I10: erasure', () => {
  it.each([
    ['sealed', {}],
    ['plain', PLAIN],
  ])(
    'leaves nothing of a session in the log, and of none other takes anything (%s archive)',
    async (_content, over) => {
      const [ref, same, other] = [newSession(), newSession(), newSession(GLOBEX)];
      await sayMore(ref, same, other);
      // Left once and came back: it stands in the archive, in the log and among the departures.
      rig.day = 8;
      await archiveOnce(rig.archive(over));
      const kept = await archivedIds(rig, same);
      await sayMore(ref);
      expect(await readSession(rig.log, ref)).not.toEqual([]);
      expect(await rig.isOnDisk(ref.session)).toBe(true);

      const receipt = await erase(ref);

      expect(receipt).toMatchObject({ ...ref, by: 'olga', at: rig.now().toISOString() });
      expect(receipt.stores.map(({ store }) => store)).toEqual([
        'keys',
        'log',
        'timers',
        'desk',
        'archive',
        'sound',
        'departures',
      ]);
      expect(receipt.objects).toEqual([expect.stringMatching(/^tenant=acme\//u)]);
      expect(await receiptOf(rig.nc, ref)).toEqual(receipt);
      // Raw bytes of every store.
      expect(await rig.isOnDisk(`${CANARY}-${ref.session}`)).toBe(false);
      for (const rows of (await rig.files()).values())
        expect(rows.filter(({ session }) => session === ref.session)).toEqual([]);
      // Every read.
      const fresh = jetstreamLog(rig.nc, { cipher: rig.keyring });
      for (const log of [rig.log, fresh]) {
        expect(await readSession(log, ref)).toEqual([]);
        expect(await log.latest(ref)).toEqual([]);
        expect(await log.scan(ref, 0, 100)).toEqual([]);
        expect(await log.at(ref, 1)).toBeUndefined();
      }
      expect(await returning({ nc: rig.nc, cipher: rig.keyring, objects: rig.objects })(ref)).toBeUndefined();
      expect(await historyOf(rig.archive().books, rig.objects, rig.keyring, ref)).toEqual([]);
      // The id never opens again.
      await expect(rig.say(ref, 'hello')).rejects.toMatchObject({ code: 'session.erased' });
      // Not even an envelope stands anywhere.
      expect(await register(rig.nc, CONVERSATIONS).subjects(sessionSubject(ref))).toEqual([]);
      for (const [stream, of] of [
        [DEPARTED, 'gone'],
        [ARCHIVE, 'kept'],
      ] as const)
        expect(await register(rig.nc, stream).subjects(`${of}.${ref.tenant}.${ref.session}`)).toEqual([]);
      // Nobody else lost anything.
      expect(await archivedIds(rig, same)).toEqual(kept);
      expect(await returning({ nc: rig.nc, cipher: rig.keyring })(same)).toBeDefined();
      expect(await returning({ nc: rig.nc, cipher: rig.keyring })(other)).toBeDefined();
    },
  );

  it('of a session in the log takes its events and timers, and leaves its neighbours alone', async () => {
    const [ref, other] = [newSession(), newSession()];
    await sayMore(ref, other);
    for (const each of [ref, other]) {
      const id = (await readSession(rig.log, each))[1]?.envelope.id;
      if (id) await timerSetter(rig.nc)({ ...each, id }, new Date(Date.now() + 1e9));
    }
    expect(await erase(ref)).toMatchObject({ objects: [] });
    expect(await readSession(rig.log, ref)).toEqual([]);
    expect(await transcript(rig.log, other)).toEqual(['turn.replied: What is your order number?']);
    const timers = await register(rig.nc, TIMERS).subjects('timer.>');
    expect(timers).toEqual([expect.stringContaining(other.session)]);
  });

  it('can be repeated, by somebody else, and is then receipted again', async () => {
    const ref = newSession();
    await sayMore(ref);
    await erase(ref);
    rig.day = 1;
    await erase(ref, 'otto');
    expect(await receiptOf(rig.nc, ref)).toMatchObject({ by: 'otto', at: rig.now().toISOString() });
    expect(await receiptOf(rig.nc, newSession())).toBeUndefined();
  });

  it('that was interrupted is finished by repeating it', async () => {
    const [ref, other] = [newSession(), newSession()];
    await sayMore(ref, other);
    rig.day = 8;
    await archiveOnce(rig.archive(PLAIN));
    const { nc, log, keyring, now } = rig;
    const away = { ...rig.objects, put: () => Promise.reject(new Error('crashed')) };
    await expect(eraseSession({ nc, log, keyring, now, objects: away }, ref, 'olga')).rejects.toThrow('crashed');
    expect(await receiptOf(nc, ref)).toBeUndefined();
    expect(await archivedIds(rig, ref)).toHaveLength(6);
    expect(await erase(ref)).toMatchObject({ objects: [expect.stringMatching(/^tenant=acme/u)] });
    expect(await archivedIds(rig, ref)).toEqual([]);
    expect(await archivedIds(rig, other)).toHaveLength(6);
    // The last session of a file takes the file with it.
    await erase(other);
    expect(await rig.files()).toEqual(new Map());
  });

  it('takes a session out of a file that an archive wrote before it crashed', async () => {
    const [ref, other] = [newSession(), newSession()];
    await sayMore(ref, other);
    rig.day = 8;
    const dying = rig.archive({
      ...PLAIN,
      checkpoint: (name) => {
        if (name === 'written') throw new Error('crashed');
      },
    });
    await expect(archiveOnce(dying)).rejects.toThrow('crashed');
    expect(await archivedIds(rig, ref)).toHaveLength(6);
    await erase(ref);
    expect(await archivedIds(rig, ref)).toEqual([]);
    expect(await archiveOnce(rig.archive(PLAIN))).toMatchObject({ left: 1, failures: [] });
    expect(await archivedIds(rig, ref)).toEqual([]);
    expect(await archivedIds(rig, other)).toHaveLength(6);
  });

  it('takes what a process that had not heard of it has still appended, once that is idle', async () => {
    const ref = newSession();
    await sayMore(ref);
    const deaf = rig.ring();
    const log = jetstreamLog(rig.nc, { cipher: deaf });
    await readSession(log, ref);
    deaf.stop();
    await erase(ref);
    await rig.sayOn(log, ref, CANARY);
    expect(await typesOf(log, ref)).not.toEqual([]);
    expect(await typesOf(rig.log, ref)).toEqual([]);
    rig.day = 8;
    expect(await archiveOnce(rig.archive())).toMatchObject({ left: 0, written: [] });
    expect(await typesOf(log, ref)).toEqual([]);
    expect(await rig.files()).toEqual(new Map());
  });

  it.each(['planned', 'written', 'verified', 'kept', 'closed', 'archived', 'noted'] as const)(
    'while the session is being archived leaves nothing either, readable archive and all (after %s)',
    async (place: Checkpoint) => {
      const [ref, other] = [newSession(), newSession()];
      await sayMore(ref, other);
      rig.day = 8;
      const deaf = rig.ring();
      const through = jetstreamLog(rig.nc, { cipher: deaf });
      await readSession(through, ref);
      deaf.stop();
      let erasing: Promise<unknown> | undefined;
      const archive = rig.archive({
        ...PLAIN,
        // A process that has not heard of the erasure, and is held up until it is over.
        keyring: deaf,
        log: {
          ...through,
          append: async (...args) => (await erasing, through.append(...args)),
          latest: async (...args) => (await erasing, through.latest(...args)),
        },
        objects: {
          ...rig.objects,
          put: async (...args) => (await erasing, rig.objects.put(...args)),
          get: async (...args) => (await erasing, rig.objects.get(...args)),
        },
        checkpoint: (name) => {
          if (name === place) erasing ??= erase(ref);
        },
      });
      await archiveOnce(archive);
      await erasing;
      expect(await archivedIds(rig, ref)).toEqual([]);
      expect(await archivedIds(rig, other)).toHaveLength(6);
      expect(await rig.isOnDisk(`${CANARY}-${ref.session}`)).toBe(false);
      expect(await returning({ nc: rig.nc, cipher: rig.keyring })(ref)).toBeUndefined();
      rig.day = 20;
      await archiveOnce(rig.archive(PLAIN));
      expect(await archivedIds(rig, ref)).toEqual([]);
      expect(await archivedIds(rig, other)).toHaveLength(6);
      expect(await returning({ nc: rig.nc, cipher: rig.keyring })(other)).toBeDefined();
    },
  );
});
