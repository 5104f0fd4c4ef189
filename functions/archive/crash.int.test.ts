import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { returning } from '../../shared/archive/departures.ts';
import { rowsIn } from '../../shared/archive/history.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { newSession, transcript } from '../../shared/testing/rig.ts';
import { archiveOnce } from './archive-once.ts';
import { CHECKPOINTS } from './archive.ts';
import { depart } from './depart.ts';
import { ACME, archivedIds, GLOBEX, idsOf, startRig, type Rig } from './rig.fixture.ts';
import { dayOf, segmentOf, write, type Segment } from './write.ts';

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
    rig.day = 0;
    await rig.say(later, 'hello');
    rig.day = 8;
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

/** What an archive has in hand when it is about to write sessions. */
const segmentsOf = async (refs: readonly SessionRef[]): Promise<readonly Segment[]> =>
  (
    await Promise.all(
      refs.map(async (ref) =>
        segmentOf({ ref, leaving: true, kept: undefined, events: await readSession(rig.log, ref) }),
      ),
    )
  ).filter((segment) => segment !== undefined);

describe('an archive that another one has overtaken', () => {
  it('writes nothing while the other has a plan, and nothing of what it has written', async () => {
    const refs = [newSession(), newSession(), newSession()];
    for (const ref of refs) await rig.say(ref, 'hello');
    rig.day = 8;
    // Cut differently than the other one will cut it, so that the objects would differ.
    const inHand = await segmentsOf(refs.slice(1));
    const day = dayOf(inHand[0] ?? fail());
    const dying = rig.archive({
      checkpoint: (name) => {
        if (name === 'written') throw new Error('crashed');
      },
    });
    await expect(archiveOnce(dying)).rejects.toThrow('crashed');
    const slow = rig.archive();
    expect(await write(slow, ACME, day, inHand)).toBeUndefined();
    expect(await archiveOnce(rig.archive())).toMatchObject({ left: 3 });
    expect(await write(slow, ACME, day, inHand)).toBeUndefined();
    for (const ref of refs) expect(await archivedIds(rig, ref)).toHaveLength(6);
  });

  it('finishes its plan without a session that has left since', async () => {
    const refs = [newSession(), newSession()];
    for (const ref of refs) await rig.say(ref, 'hello');
    rig.day = 8;
    const events = await Promise.all(refs.map((ref) => readSession(rig.log, ref)));
    const dying = rig.archive({
      checkpoint: (name) => {
        if (name === 'kept') throw new Error('crashed');
      },
    });
    await expect(archiveOnce(dying)).rejects.toThrow('crashed');
    const outcomes: string[] = [];
    for (const [i, ref] of refs.entries()) {
      const candidate = { ref, leaving: true, kept: undefined, events: events[i] ?? [] };
      outcomes.push(await depart(rig.archive(), candidate, rowsIn(rig.objects)));
    }
    expect(outcomes.sort()).toEqual(['left', 'not-archived']);
    expect(await archiveOnce(rig.archive())).toMatchObject({ left: 1, failures: [] });
    for (const [i, ref] of refs.entries()) expect(await archivedIds(rig, ref)).toEqual(idsOf(events[i] ?? []));
  });
});

const fail = (): never => {
  throw new Error('there is nothing to write');
};

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
