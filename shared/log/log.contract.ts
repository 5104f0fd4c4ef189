import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_TEXT } from '../../events/fields.ts';
import type { Envelope, EventId, TenantId } from '../../events/envelope.ts';
import { incoming, newSession, opening, saying } from '../testing/rig.ts';
import type { Log, SessionRef, Stored } from './log.ts';
import { describeReading } from './read.contract.ts';

/** A log to be tried, and the end of what it runs on. */
export interface LogUnderTest {
  readonly log: Log;
  stop(): Promise<void>;
}

const WRITERS = 20;

/**
 * What every log promises. The one in memory is held to it too, so that tests on it speak for the real one. Reads that
 * any replica may answer are asked until they show what was written.
 */
export function describeLog(name: string, start: () => Promise<LogUnderTest>): void {
  describe(`the log ${name}`, () => {
    let subject: LogUnderTest;
    let log: Log;
    beforeAll(async () => {
      subject = await start();
      log = subject.log;
    });
    afterAll(() => subject.stop());

    /** Appends in order, each event on the one before. */
    const write = async (...events: readonly Envelope[]): Promise<readonly Stored[]> => {
      const stored: Stored[] = [];
      for (const event of events) {
        const result = await log.append(event, stored.at(-1)?.position ?? 0);
        if (result.kind !== 'appended') throw new Error(`not appended but ${result.kind}`);
        stored.push(result.stored);
      }
      return stored;
    };
    const said = (ref: SessionRef, text = 'hello') => incoming(ref, saying(text));
    const opened = (ref: SessionRef) => incoming(ref, opening());

    describe('append', () => {
      it('lets an event in where the session stands as expected, and says where it is now', async () => {
        const ref = newSession();
        const [first, second] = await write(opened(ref), said(ref));
        expect(first?.previous).toBe(0);
        expect(second?.previous).toBe(first?.position);
        expect(second?.position).toBeGreaterThan(first?.position ?? Infinity);
      });

      it('refuses one where the session has moved on, and names its end', async () => {
        const ref = newSession();
        const [first, second] = await write(opened(ref), said(ref));
        const conflict = { kind: 'conflict', last: second?.position };
        expect(await log.append(said(ref), first?.position ?? 0)).toEqual(conflict);
        expect(await log.append(said(ref), 0)).toEqual(conflict);
        expect(await log.append(said(ref), (second?.position ?? 0) + 1)).toEqual(conflict);
      });

      it('refuses one that expects something of a session that has nothing', async () => {
        expect(await log.append(said(newSession()), 5)).toEqual({ kind: 'conflict', last: 0 });
      });

      it('is not disturbed by what happens in other sessions', async () => {
        const ref = newSession();
        const [first] = await write(opened(ref));
        await write(opened(newSession()));
        expect((await log.append(said(ref), first?.position ?? 0)).kind).toBe('appended');
      });

      it.each([0, 1])(
        'rule 5: lets one of many writers win that expect the same (%i events before)',
        async (before) => {
          const ref = newSession();
          const [first] = before === 0 ? [] : await write(opened(ref));
          const tries = Array.from({ length: WRITERS }, () => log.append(said(ref), first?.position ?? 0));
          const kinds = (await Promise.all(tries)).map(({ kind }) => kind).sort();
          expect(kinds).toEqual(['appended', ...Array.from({ length: WRITERS - 1 }, () => 'conflict')]);
          await expect.poll(() => log.scan(ref, 0, WRITERS)).toHaveLength(before + 1);
        },
      );

      it('rule 5: knows a repeated id where its expectation holds, and says where it stands', async () => {
        const ref = newSession();
        const event = said(ref);
        const [first, second] = await write(event, said(ref));
        expect(await log.append(event, second?.position ?? 0)).toEqual({
          kind: 'duplicate',
          position: first?.position,
        });
        await expect.poll(() => log.scan(ref, 0, 9)).toEqual([first, second]);
      });

      // A cluster looks for the id first, a single server for the place (nats-server 2.15).
      it.each([0, 99_999])('rule 5: never stores a repeated id twice, whatever is expected (%i)', async (expected) => {
        const ref = newSession();
        const event = said(ref);
        const [first, second] = await write(event, said(ref));
        expect([
          { kind: 'duplicate', position: first?.position },
          { kind: 'conflict', last: second?.position },
        ]).toContainEqual(await log.append(event, expected));
        await expect.poll(() => log.scan(ref, 0, 9)).toEqual([first, second]);
      });

      it('rule 5: a duplicate is a claim to be checked: the stored body may be another', async () => {
        const ref = newSession();
        const first = said(ref, 'first');
        const [stored] = await write(first);
        const second = { ...first, data: said(ref, 'second').data };
        const result = await log.append(second, stored?.position ?? 0);
        expect(result.kind).toBe('duplicate');
        const there = result.kind === 'duplicate' ? await log.at(ref, result.position) : undefined;
        expect(there?.envelope).toEqual(first);
      });

      it('rule 5: a duplicate is a claim to be checked: the id may be that of another session', async () => {
        const event = said(newSession());
        await write(event);
        const elsewhere = { ...event, ...newSession() };
        const result = await log.append(elsewhere, 0);
        expect(result.kind).toBe('duplicate');
        expect(result.kind === 'duplicate' && (await log.at(elsewhere, result.position))).toBeUndefined();
      });
    });

    describe('what comes back', () => {
      const text = 'Ünï 您好 שלום 👩‍👩‍👧‍👦 𠮷 "\\/\t\r\n \u2028 \ufeff %20 \u0000';
      it.each([
        ['any script', { text }],
        ['a long text', { text: '字'.repeat(MAX_TEXT) }],
        ['numbers', { zero: 0, small: 5e-324, large: Number.MAX_SAFE_INTEGER, part: 0.1, below: -1.5 }],
        ['what is empty', { text: '', list: [], object: {}, nothing: null, no: false }],
        ['keys with a meaning', JSON.parse('{"__proto__":{"a":1},"constructor":"x"}') as object],
      ])('is what was stored: %s', async (_what, data) => {
        const ref = newSession();
        const [stored] = await write({ ...said(ref), data });
        expect(JSON.stringify((await log.at(ref, stored?.position ?? 0))?.envelope.data)).toBe(JSON.stringify(data));
        await expect.poll(() => log.latest(ref)).toEqual([stored]);
        await expect.poll(() => log.scan(ref, 0, 1)).toEqual([stored]);
      });

      it('rule 11: has the revision it was written with, older or newer than this build', async () => {
        const ref = newSession();
        const [old, young] = await write(
          { ...said(ref), revision: 1, data: { gone: true } },
          { ...said(ref), revision: 9_999, data: { unheard: ['of'] } },
        );
        await expect.poll(() => log.scan(ref, 0, 9)).toEqual([old, young]);
      });

      it('has every field of the envelope, and no others', async () => {
        const ref = newSession();
        const full: Envelope = {
          ...said(ref),
          causation: '01JGFJJZ000000000000000003' as EventId,
          basis: 0,
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        };
        const [stored] = await write(full);
        expect((await log.at(ref, stored?.position ?? 0))?.envelope).toEqual(full);
      });
    });

    describe('latest', () => {
      it('is the newest event of each type, in the order of the log', async () => {
        const ref = newSession();
        const [first, , third] = await write(opened(ref), said(ref), said(ref));
        await expect.poll(() => log.latest(ref)).toEqual([first, third]);
      });

      it('is empty for a session that nobody knows', async () => {
        await expect.poll(() => log.latest(newSession())).toEqual([]);
      });
    });

    describe('at', () => {
      it('finds an event of the session', async () => {
        const ref = newSession();
        const [first, second] = await write(opened(ref), said(ref));
        expect(await log.at(ref, first?.position ?? 0)).toEqual(first);
        expect(await log.at(ref, second?.position ?? 0)).toEqual(second);
      });

      it('finds nothing where nothing stands', async () => {
        const ref = newSession();
        const [first] = await write(opened(ref));
        expect(await log.at(ref, (first?.position ?? 0) + 1_000_000)).toBeUndefined();
        expect(await log.at(ref, 0)).toBeUndefined();
      });

      it('finds nothing that belongs to another session, or to the same session of another tenant', async () => {
        const ref = newSession();
        const [first] = await write(opened(ref));
        expect(await log.at(newSession(), first?.position ?? 0)).toBeUndefined();
        expect(await log.at({ ...ref, tenant: 'rival' as TenantId }, first?.position ?? 0)).toBeUndefined();
      });
    });

    describe('scan', () => {
      it('is what follows a position, up to a number, and nothing of other sessions', async () => {
        const ref = newSession();
        const stored = await write(opened(ref), said(ref), said(ref), said(ref));
        await write(opened({ ...ref, tenant: 'rival' as TenantId }));
        await expect.poll(() => log.scan(ref, 0, 99)).toEqual(stored);
        await expect.poll(() => log.scan(ref, stored[1]?.position ?? 0, 99)).toEqual(stored.slice(2));
        await expect.poll(() => log.scan(ref, 0, 3)).toEqual(stored.slice(0, 3));
        await expect.poll(() => log.scan(ref, stored[3]?.position ?? 0, 99)).toEqual([]);
      });

      it('of a session that nobody knows is empty', async () => {
        await expect.poll(() => log.scan(newSession(), 0, 9)).toEqual([]);
      });
    });

    describe('follow', () => {
      it('rings for what is wanted, with its place and that of the event before, and not for anything else', async () => {
        const ref = newSession();
        const rung: Record<string, Stored[]> = { session: [], tenant: [], type: [], none: [] };
        const followings = [
          log.follow(ref, (s) => rung['session']?.push(s)),
          log.follow({ tenant: ref.tenant }, (s) => {
            if (s.envelope.session === ref.session) rung['tenant']?.push(s);
          }),
          log.follow({ types: ['utterance.received'] }, (s) => {
            if (s.envelope.session === ref.session) rung['type']?.push(s);
          }),
          log.follow({ ...ref, types: ['turn.replied'] }, (s) => rung['none']?.push(s)),
          log.follow({ ...ref, tenant: 'rival' as TenantId }, (s) => rung['none']?.push(s)),
        ];
        const stored = await write(opened(ref), said(ref), said(ref));
        await expect.poll(() => rung['session']).toEqual(stored);
        await expect.poll(() => rung['tenant']).toEqual(stored);
        await expect.poll(() => rung['type']).toEqual(stored.slice(1));
        for (const following of followings) following.stop();
        expect(rung['none']).toEqual([]);
      });

      it('does not ring for what was refused or known already, nor once it is stopped', async () => {
        const ref = newSession();
        const rung: Stored[] = [];
        const following = log.follow(ref, (s) => rung.push(s));
        const event = opened(ref);
        const [first] = await write(event);
        await log.append(event, 0);
        await log.append(said(ref), 0);
        const last = await log.append(said(ref), first?.position ?? 0);
        await expect
          .poll(() => rung.map(({ position }) => position))
          .toEqual([first?.position, last.kind === 'appended' && last.stored.position]);
        following.stop();
        const until: Stored[] = [];
        const other = log.follow(ref, (s) => until.push(s));
        await log.append(said(ref), last.kind === 'appended' ? last.stored.position : 0);
        await expect.poll(() => until).toHaveLength(1);
        other.stop();
        expect(rung).toHaveLength(2);
      });
    });

    describe('purge', () => {
      it('removes a session up to a position, and nothing else', async () => {
        const [ref, other] = [newSession(), newSession()];
        const stored = await write(opened(ref), said(ref), said(ref));
        const untouched = await write(opened(other));
        await log.purge(ref, stored[1]?.position ?? 0);
        await expect.poll(() => log.scan(ref, 0, 9)).toEqual(stored.slice(2));
        await expect.poll(() => log.at(ref, stored[0]?.position ?? 0)).toBeUndefined();
        await expect.poll(() => log.latest(ref)).toEqual(stored.slice(2));
        await expect.poll(() => log.scan(other, 0, 9)).toEqual(untouched);
      });

      it('of everything lets the session begin anew, and positions go on', async () => {
        const ref = newSession();
        const stored = await write(opened(ref), said(ref));
        const last = stored[1]?.position ?? 0;
        await log.purge(ref, last);
        await expect.poll(() => log.latest(ref)).toEqual([]);
        expect(await log.append(said(ref), last)).toEqual({ kind: 'conflict', last: 0 });
        const [again] = await write(opened(ref));
        expect(again?.position).toBeGreaterThan(last);
      });

      it('rule 5: a duplicate is a claim to be checked: what it points at may have been purged', async () => {
        const ref = newSession();
        const event = said(ref);
        const [stored] = await write(event);
        await log.purge(ref, stored?.position ?? 0);
        const result = await log.append(event, 0);
        expect(result).toEqual({ kind: 'duplicate', position: stored?.position });
        await expect.poll(() => log.at(ref, stored?.position ?? 0)).toBeUndefined();
      });

      it('of a session that nobody knows does nothing, and twice is as good as once', async () => {
        const ref = newSession();
        await log.purge(ref, 5);
        const [stored] = await write(opened(ref));
        await log.purge(ref, stored?.position ?? 0);
        await log.purge(ref, stored?.position ?? 0);
        await expect.poll(() => log.latest(ref)).toEqual([]);
      });
    });

    describeReading(() => log);
  });
}
