import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { incoming, newSession, opening, saying } from '../testing/rig.ts';
import { stepFailed } from '../../events/understanding.ts';
import { tailOf } from './append.ts';
import type { Log, SessionRef, Stored } from './log.ts';
import { isChain, readSession } from './read.ts';

const SESSIONS = 3;
const RUNS = 25;
const TOGETHER = 20;

/** What reading and appending anywhere promise on top of any log. */
export function describeReading(logOf: () => Log): void {
  const drafts = [
    () => opening(),
    () => saying('hello'),
    () => stepFailed({ step: 'x', reason: 'failed', attempts: 1 }),
  ];

  describe('a session', () => {
    it('is read back complete and in order, whatever is known of it already', async () => {
      const interleaving = fc.array(fc.record({ session: fc.nat(SESSIONS - 1), type: fc.nat(drafts.length - 1) }), {
        minLength: 1,
        maxLength: 25,
      });
      const look = fc.record({
        after: fc.double({ min: 0, max: 1 }),
        through: fc.double({ min: 0, max: 1 }),
        known: fc.infiniteStream(fc.boolean()),
      });
      await fc.assert(
        fc.asyncProperty(interleaving, fc.array(look, { minLength: 1, maxLength: 3 }), async (steps, looks) => {
          const log = logOf();
          const tail = tailOf(log);
          const refs = Array.from({ length: SESSIONS }, () => newSession());
          const written = await Promise.all(refs.map(async (ref) => [await begin(log, ref)]));
          for (const { session, type } of steps) {
            const ref = refs[session];
            const draft = drafts[type]?.();
            if (!ref || !draft) continue;
            const placed = await tail.append(incoming(ref, draft));
            if (placed.kind === 'appended') written[session]?.push(placed.stored);
          }
          for (const [i, ref] of refs.entries()) {
            const all = written[i] ?? [];
            await expect.poll(() => readSession(log, ref)).toEqual(all);
            for (const { after, through, known } of looks) {
              const from = all[Math.floor(after * all.length) - 1]?.position ?? 0;
              const to = all[Math.floor(through * all.length) - 1]?.position ?? 0;
              const atHand = all.filter(() => known.next().value);
              const read = await readSession(log, ref, { after: from, through: to, known: atHand });
              const wanted = to > 0 && to <= from ? [] : all.filter(({ position }) => position > from);
              // It may end before the newest event, but not before the one that it has to reach.
              expect(wanted.slice(0, read.length)).toEqual(read);
              expect(read.at(-1)?.position ?? from).toBeGreaterThanOrEqual(
                Math.max(to, from === to ? 0 : Math.min(to, from)),
              );
              expect(isChain(read, from, to > from ? to : 0)).toBe(true);
            }
          }
        }),
        { numRuns: RUNS },
      );
    });

    it('reaches the position that it has to, with nothing known', async () => {
      const tail = tailOf(logOf());
      const ref = newSession();
      for (let i = 0; i < 20; i++) await tail.append(incoming(ref, i === 0 ? opening() : saying(`${i}`)));
      const all = await whole(logOf(), ref, 20);
      await expect.poll(() => readSession(logOf(), ref, { through: all[9]?.position ?? 0 })).toEqual(all);
      await expect
        .poll(() => readSession(logOf(), ref, { after: all[4]?.position ?? 0, through: all[9]?.position ?? 0 }))
        .toEqual(all.slice(5));
    });

    it('begins later where its beginning was purged', async () => {
      const log = logOf();
      const tail = tailOf(log);
      const ref = newSession();
      for (let i = 0; i < 6; i++) await tail.append(incoming(ref, i === 0 ? opening() : saying(`${i}`)));
      const all = await whole(log, ref, 6);
      await log.purge(ref, all[2]?.position ?? 0);
      await expect.poll(() => readSession(log, ref)).toEqual(all.slice(3));
      await expect.poll(() => readSession(log, ref, { through: all[5]?.position ?? 0 })).toEqual(all.slice(3));
      await expect.poll(() => readSession(log, ref, { known: all.slice(3, 4) })).toEqual(all.slice(3));
    });

    it('that was purged as a whole is empty, even if an event of it is still on its way', async () => {
      const log = logOf();
      const ref = newSession();
      const placed = await tailOf(log).append(incoming(ref, opening()));
      const position = placed.kind === 'appended' ? placed.stored.position : 0;
      await log.purge(ref, position);
      await expect.poll(() => readSession(log, ref, { through: position })).toEqual([]);
    });
  });

  describe('appending anywhere', () => {
    it.each([1, 4])('many at once to one session through %i tails land once each, on one chain', async (tails) => {
      const log = logOf();
      const ref = newSession();
      const all = Array.from({ length: tails }, () => tailOf(log));
      const { position } = await begin(log, ref);
      const events = Array.from({ length: TOGETHER }, (_, i) => incoming(ref, saying(`${i}`)));
      const placed = await Promise.all(events.map(async (event, i) => all[i % tails]?.append(event)));
      expect(placed.map((p) => p?.kind)).toEqual(events.map(() => 'appended'));
      const [, ...read] = await whole(log, ref, 1 + TOGETHER);
      expect(read.map(({ envelope }) => envelope.id).sort()).toEqual(events.map(({ id }) => id).sort());
      expect(read.map(({ previous }) => previous)).toEqual([position, ...read.slice(0, -1).map((s) => s.position)]);
    });

    it('keeps the order of one writer', async () => {
      const ref = newSession();
      const tail = tailOf(logOf());
      await begin(logOf(), ref);
      const events = Array.from({ length: TOGETHER }, (_, i) => incoming(ref, saying(`${i}`)));
      await Promise.all(events.map((event) => tail.append(event)));
      const [, ...read] = await whole(logOf(), ref, 1 + TOGETHER);
      expect(read.map(({ envelope }) => envelope.id)).toEqual(events.map(({ id }) => id));
    });

    it('the same event through two tails at once lands once', async () => {
      const log = logOf();
      const event = incoming(newSession(), opening());
      const both = await Promise.all([tailOf(log).append(event), tailOf(log).append(event)]);
      const positions = both.map((p) => (p.kind === 'appended' ? p.stored.position : p.position));
      expect(new Set(positions).size).toBe(1);
      await expect.poll(() => readSession(log, event)).toHaveLength(1);
    });

    it('begins no session with what belongs to one, also where the session has left meanwhile', async () => {
      const log = logOf();
      const ref = newSession();
      const gone = { code: 'session.gone', retry: 'never' };
      await expect(tailOf(log).append(incoming(ref, saying('too late')))).rejects.toMatchObject(gone);
      const { position } = await begin(log, ref);
      await log.purge(ref, position);
      await expect(tailOf(log).append(incoming(ref, saying('too late')), position)).rejects.toMatchObject(gone);
    });

    it('goes on where the session was purged behind its back', async () => {
      const log = logOf();
      const ref = newSession();
      const tail = tailOf(log);
      const first = await tail.append(incoming(ref, opening()));
      await log.purge(ref, first.kind === 'appended' ? first.stored.position : 0);
      expect(await tail.append(incoming(ref, opening()))).toMatchObject({ kind: 'appended', stored: { previous: 0 } });
    });
  });
}

/** Opens a session. */
async function begin(log: Log, ref: SessionRef): Promise<Stored> {
  const result = await log.append(incoming(ref, opening()), 0);
  return result.kind === 'appended' ? result.stored : expect.fail(`the opening was a ${result.kind}`);
}

/** A replica may lag behind: asked until everything is there. */
const whole = (log: Log, ref: SessionRef, count: number): Promise<readonly Stored[]> =>
  vi.waitFor(async () => {
    const read = await readSession(log, ref);
    expect(read).toHaveLength(count);
    return read;
  });
