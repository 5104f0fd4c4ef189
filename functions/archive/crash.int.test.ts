import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { returning } from '../../shared/archive/departures.ts';
import { readSession } from '../../shared/log/read.ts';
import { newSession, transcript } from '../../shared/testing/rig.ts';
import { archiveOnce } from './archive-once.ts';
import { CHECKPOINTS } from './archive.ts';
import { ACME, archivedIds, GLOBEX, idsOf, startRig, type Rig } from './rig.fixture.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.stop());

describe('a session in which something happens while it is about to leave', () => {
  it.each(['planned', 'written', 'verified', 'kept', 'closed', 'archived', 'noted'] as const)(
    'stays, or is continued: nothing is lost or doubled (after %s)',
    async (place) => {
      const ref = newSession();
      await rig.say(ref, 'where is my parcel');
      rig.day = 8;
      let pending: Promise<void> | undefined;
      const archive = rig.archive({
        // Held up there until the customer has spoken.
        log: {
          ...rig.log,
          append: async (...args) => (await pending, rig.log.append(...args)),
          latest: async (...args) => (await pending, rig.log.latest(...args)),
        },
        checkpoint: (name) => {
          if (name === place && !pending) pending = rig.say(ref, 'TS12345678');
        },
      });
      expect(await archiveOnce(archive)).toMatchObject({ left: 0, stayed: { active: 1 } });
      expect((await transcript(rig.log, ref)).at(-1)).toBe('turn.replied: Parcel TS12345678 is on its way.');
      const whole = await readSession(rig.log, ref);
      rig.day = 16;
      expect(await archiveOnce(rig.archive())).toMatchObject({ left: 1 });
      expect(await archivedIds(rig, ref)).toEqual(idsOf(whole));
    },
  );
});

describe('a crash of the archive', () => {
  it.each(CHECKPOINTS)('loses and doubles nothing (after %s)', async (place) => {
    const refs = [newSession(), newSession()];
    for (const ref of refs) await rig.say(ref, 'where is my parcel');
    const before = await Promise.all(refs.map((ref) => readSession(rig.log, ref)));
    rig.day = 8;
    const dying = rig.archive({
      checkpoint: (name) => {
        if (name === place) throw new Error(`crashed after ${name}`);
      },
    });
    await expect(archiveOnce(dying)).rejects.toThrow(`crashed after ${place}`);
    // More has become due by the time another process comes.
    const later = newSession();
    await rig.say(later, 'hello');
    rig.day = 16;
    await archiveOnce(rig.archive());
    for (const [i, ref] of refs.entries()) {
      expect(await readSession(rig.log, ref)).toEqual([]);
      expect(await archivedIds(rig, ref)).toEqual(idsOf(before[i] ?? []));
      expect(await returning({ nc: rig.nc, cipher: rig.keyring })(ref)).toBeDefined();
    }
    expect(await archivedIds(rig, later)).toHaveLength(6);
    expect(await archiveOnce(rig.archive())).toEqual({ written: [], left: 0, stayed: {}, failures: [] });
  });

  it.each(CHECKPOINTS.slice(0, 5))('and a customer who comes back before the next one (after %s)', async (place) => {
    const ref = newSession();
    await rig.say(ref, 'where is my parcel');
    rig.day = 8;
    const dying = rig.archive({
      checkpoint: (name) => {
        if (name === place) throw new Error('crashed');
      },
    });
    await expect(archiveOnce(dying)).rejects.toThrow('crashed');
    await rig.say(ref, 'TS12345678');
    const whole = await readSession(rig.log, ref);
    expect(await archiveOnce(rig.archive())).toMatchObject({ left: 0 });
    rig.day = 16;
    expect(await archiveOnce(rig.archive())).toMatchObject({ left: 1 });
    expect(await archivedIds(rig, ref)).toEqual(idsOf(whole));
  });
});

it('archives that run at the same time write every event once', async () => {
  const refs = Array.from({ length: 12 }, (_, i) => newSession(i % 2 ? ACME : GLOBEX));
  for (const ref of refs) await rig.say(ref, 'hello');
  const before = await Promise.all(refs.map((ref) => readSession(rig.log, ref)));
  rig.day = 8;
  await Promise.all([1, 2, 3].map(() => archiveOnce(rig.archive())));
  await archiveOnce(rig.archive());
  for (const [i, ref] of refs.entries()) {
    expect(await readSession(rig.log, ref)).toEqual([]);
    expect(await archivedIds(rig, ref)).toEqual(idsOf(before[i] ?? []));
  }
});
