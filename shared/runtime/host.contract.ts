import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineEvent, type Draft } from '../../events/define.ts';
import type { Envelope } from '../../events/envelope.ts';
import { controlRequested } from '../../events/session.ts';
import { turnReplied } from '../../events/turn.ts';
import { entitiesExtracted, intentNotRecognised, utteranceReceived } from '../../events/understanding.ts';
import { groupsOf } from '../../functions/index.ts';
import { PlatformError } from '../errors/index.ts';
import { defineReaction, type AnyReaction, type Limits } from '../function/define.ts';
import type { Log, Stored } from '../log/log.ts';
import { incoming, newSession, opening, saying, testHost, transcript, typesOf } from '../testing/rig.ts';
import { DELIVERIES, type Group } from './chain.ts';
import type { Host } from './host.ts';

/** What a host makes of a delivery: done with, to come again, or kept for an operator. */
export type Verdict = 'settled' | 'redeliver' | 'dead-letter';

/** A way of running functions. */
export interface HostUnderTest {
  /** Where the events stand that are delivered, and where those are stored that follow from them. */
  readonly log: Log;
  /** Gives an event to a group. `attempt`: how often a process has begun with it, this time included. */
  deliver(group: Group, stored: Stored, host: Host, attempt: number): Promise<Verdict>;
  /** Gives a group something that is no event; absent where a host takes nothing but events. */
  deliverNoEvent?(group: Group, host: Host): Promise<Verdict>;
  stop(): Promise<void>;
}

const LIMITS: Limits = { timeoutMs: 1_000, attempts: 3 };
/** A type that the catalogue of this build does not know. */
const utteranceSung = defineEvent({ type: 'utterance.sung', revision: 1, schema: v.strictObject({}) });
const notRecognised = () => intentNotRecognised({ best: [], model: 'test@1' });

/** A function on utterances that does as it is told, and counts how often it was run. */
function doing(handle: (run: number) => readonly Draft[] | Promise<readonly Draft[]>, over: Partial<AnyReaction> = {}) {
  const runs = { count: 0 };
  const fn = defineReaction({
    name: 'tested',
    on: [utteranceReceived],
    emits: [intentNotRecognised],
    limits: LIMITS,
    failure: 'step-failed',
    handle: () => handle(++runs.count) as readonly [],
  });
  const group: Group = { name: 'tested', functions: [{ ...fn, ...over } as AnyReaction] };
  return { group, runs };
}
const failing = (retry: 'later' | 'never', code: string, over: Partial<AnyReaction> = {}) =>
  doing(() => {
    throw new PlatformError(code, 'asked to fail', { retry });
  }, over);

/** Every way of running functions agrees on this. */
export function describeHost(name: string, start: () => Promise<HostUnderTest>): void {
  describe(`the host ${name}`, () => {
    let subject: HostUnderTest;
    beforeAll(async () => {
      subject = await start();
    });
    afterAll(() => subject.stop());

    const store = async (event: Envelope, previous = 0): Promise<Stored> => {
      const result = await subject.log.append(event, previous);
      if (result.kind !== 'appended') throw new Error(`not appended but ${result.kind}`);
      return result.stored;
    };
    const utterance = (over: Partial<Envelope> = {}) => store(incoming(newSession(), saying('hello'), over));
    const deliver = (group: Group, stored: Stored, attempt = 1, over: Partial<Host> = {}) =>
      subject.deliver(group, stored, testHost(subject.log, over), attempt);
    const eventsAfter = ({ envelope, position }: Stored) => subject.log.scan(envelope, position, 99);
    const dataAfter = async (stored: Stored) => (await eventsAfter(stored)).map(({ envelope }) => envelope.data);

    it('settles what was handled, and what follows names its cause', async () => {
      const stored = await utterance();
      expect(await deliver(doing(() => [notRecognised()]).group, stored)).toBe('settled');
      const [follow, ...others] = await eventsAfter(stored);
      expect(others).toEqual([]);
      expect(follow?.envelope).toMatchObject({
        type: 'intent.not-recognised',
        causation: stored.envelope.id,
        turn: stored.envelope.turn,
        emitter: 'tested',
      });
    });

    it('settles what gives nothing to say, and what nobody listens to', async () => {
      const stored = await utterance();
      expect(await deliver(doing(() => []).group, stored)).toBe('settled');
      const other = await store(incoming(newSession(), controlRequested({ command: 'take', agent: 'ada' })));
      expect(await deliver(doing(() => [notRecognised()]).group, other)).toBe('settled');
      expect([...(await eventsAfter(stored)), ...(await eventsAfter(other))]).toEqual([]);
    });

    it('rule 13: runs a whole turn in one delivery, and the log shows every step', async () => {
      const ref = newSession();
      const [chained] = groupsOf('chained');
      if (!chained) throw new Error('there is one group');
      const opened = await store(incoming(ref, opening()));
      const stored = await store(incoming(ref, saying('hello')), opened.position);
      expect(await deliver(chained, stored)).toBe('settled');
      expect(await transcript(subject.log, ref)).toEqual(['turn.replied: Hello!']);
      expect(await typesOf(subject.log, ref)).toEqual([
        'session.opened',
        'utterance.received',
        'intent.classified',
        'entities.extracted',
        'policy.decided',
        'turn.replied',
      ]);
    });

    describe('an event that comes again', () => {
      it.each([1, 2, DELIVERIES])('adds nothing (attempt %i)', async (attempt) => {
        const stored = await utterance();
        const { group } = doing(() => [notRecognised()]);
        await deliver(group, stored);
        const before = await eventsAfter(stored);
        expect(await deliver(group, stored, attempt, { now: () => new Date(99_000) })).toBe('settled');
        expect(await eventsAfter(stored)).toEqual(before);
      });

      it('does not run again what has its result in the log', async () => {
        const stored = await utterance();
        const { group, runs } = doing(() => [notRecognised()]);
        await deliver(group, stored);
        await deliver(group, stored, 2);
        expect(runs.count).toBe(1);
      });

      it('rule 7: too often is taken to have killed its process: the first step without a result is given up', async () => {
        const stored = await utterance();
        const { group: one } = doing(() => [notRecognised()]);
        await deliver(one, stored);
        const { group: other, runs } = doing(() => [], { name: 'deadly' });
        const both: Group = { name: 'both', functions: [...one.functions, ...other.functions] };
        expect(await deliver(both, stored, DELIVERIES + 1)).toBe('settled');
        expect(runs.count).toBe(0);
        expect((await dataAfter(stored)).slice(1)).toEqual([
          { step: 'deadly', reason: 'crashed', attempts: DELIVERIES + 1 },
        ]);
      });
    });

    describe('rule 7: a step that fails for good says so in the log', () => {
      it('but not one that succeeds in the end', async () => {
        const stored = await utterance();
        const { group, runs } = doing((run) => {
          if (run < LIMITS.attempts) throw new Error('not yet');
          return [notRecognised()];
        });
        expect(await deliver(group, stored)).toBe('settled');
        expect(runs.count).toBe(LIMITS.attempts);
        expect((await eventsAfter(stored)).map(({ envelope }) => envelope.type)).toEqual(['intent.not-recognised']);
      });

      it('after all its attempts, for the policy to answer', async () => {
        const stored = await utterance();
        const { group, runs } = failing('later', 'function.failed');
        expect(await deliver(group, stored)).toBe('settled');
        expect(runs.count).toBe(LIMITS.attempts);
        expect(await dataAfter(stored)).toEqual([
          { step: 'tested', reason: 'failed', code: 'function.failed', attempts: LIMITS.attempts },
        ]);
      });

      it('as the end of the turn where nobody else can answer', async () => {
        const stored = await utterance();
        const { group } = failing('later', 'function.failed', { failure: 'dead-letter' });
        expect(await deliver(group, stored)).toBe('settled');
        const [ending] = await eventsAfter(stored);
        expect(ending?.envelope).toMatchObject({
          type: 'turn.dead-lettered',
          turn: stored.envelope.turn,
          data: { reason: 'function.failed', step: 'tested' },
        });
      });

      it('at once where trying again cannot help', async () => {
        const stored = await utterance();
        const { group, runs } = failing('never', 'test.broken');
        expect(await deliver(group, stored)).toBe('settled');
        expect(runs.count).toBe(1);
        expect(await dataAfter(stored)).toEqual([
          { step: 'tested', reason: 'failed', code: 'test.broken', attempts: 1 },
        ]);
      });

      it('when it takes too long', async () => {
        const stored = await utterance();
        const { group } = doing(() => new Promise(() => undefined), { limits: { timeoutMs: 20, attempts: 2 } });
        expect(await deliver(group, stored)).toBe('settled');
        expect(await dataAfter(stored)).toEqual([
          { step: 'tested', reason: 'timed-out', code: 'function.timed-out', attempts: 2 },
        ]);
      });

      it('and an event of no turn, which nobody waits for, is kept for an operator', async () => {
        const stored = await store(incoming(newSession(), controlRequested({ command: 'take', agent: 'ada' })));
        const { group } = failing('never', 'test.broken', { on: [controlRequested] });
        expect(await deliver(group, stored)).toBe('dead-letter');
        expect(await eventsAfter(stored)).toEqual([]);
      });

      it('and what it emitted that nobody could read back never gets into the log', async () => {
        const stored = await utterance();
        const invalid = entitiesExtracted({ entities: [], model: 'not a name, since it has spaces' });
        const { group } = doing(() => [invalid]);
        expect(await deliver(group, stored)).toBe('settled');
        expect(await dataAfter(stored)).toEqual([
          { step: 'tested', reason: 'failed', code: 'function.emitted-invalid', attempts: 1 },
        ]);
      });
    });

    describe('rule 7: what is unavailable does not count as an attempt', () => {
      it('of a function: the event comes again, and nothing is given up', async () => {
        const stored = await utterance();
        const { group } = failing('later', 'model.unavailable');
        expect(await deliver(group, stored)).toBe('redeliver');
        expect(await deliver(group, stored, 2)).toBe('redeliver');
        expect(await eventsAfter(stored)).toEqual([]);
        expect(await deliver(doing(() => [notRecognised()]).group, stored, 3)).toBe('settled');
        expect(await eventsAfter(stored)).toHaveLength(1);
      });

      it('of the log: the event comes again', async () => {
        const stored = await utterance();
        const away = () => Promise.reject(new PlatformError('log.unavailable', 'away', { retry: 'later' }));
        const { group } = doing(() => [notRecognised()]);
        const tail = { append: away, reached: () => undefined };
        expect(await deliver(group, stored, 1, { tail })).toBe('redeliver');
        expect(await deliver(group, stored, 2)).toBe('settled');
        expect(await eventsAfter(stored)).toHaveLength(1);
      });
    });

    describe('what cannot be read', () => {
      it.each([
        ['a revision', 1, { revision: 99 }],
        ['a revision', DELIVERIES + 1, { revision: 99 }],
        ['a type', 1, { type: 'utterance.sung' }],
      ])(
        'rule 11: because %s is newer than this build waits for one that can (attempt %i)',
        async (_what, attempt, over) => {
          const stored = await utterance({ ...over, data: { unheard: 'of' } });
          const { group, runs } = doing(() => [notRecognised()], { on: [utteranceReceived, utteranceSung] });
          expect(await deliver(group, stored, attempt)).toBe('redeliver');
          expect(runs.count).toBe(0);
          expect(await eventsAfter(stored)).toEqual([]);
        },
      );

      it.each([1, 2])(
        'because it is broken is kept for an operator, and its turn ends (attempt %i)',
        async (attempt) => {
          const stored = await utterance({ data: { text: 7 } });
          const { group, runs } = doing(() => [notRecognised()]);
          expect(await deliver(group, stored, attempt)).toBe('dead-letter');
          await deliver(group, stored, attempt);
          expect(runs.count).toBe(0);
          const [ending, ...others] = await eventsAfter(stored);
          expect(others).toEqual([]);
          expect(ending?.envelope).toMatchObject({
            type: 'turn.dead-lettered',
            turn: stored.envelope.turn,
            data: { reason: 'event.unreadable', step: 'tested' },
          });
        },
      );

      it('rule 6: because it is broken does not end a turn that has ended', async () => {
        const stored = await utterance({ data: { text: 7 } });
        const { tenant, session, id, turn } = stored.envelope;
        const replied = turnReplied({ messages: [], locale: 'en' });
        const ending = await store(
          incoming({ tenant, session }, replied, { causation: id, ...(turn && { turn }) }),
          stored.position,
        );
        expect(await deliver(doing(() => []).group, stored)).toBe('dead-letter');
        expect(await eventsAfter(stored)).toEqual([ending]);
      });

      it('because it is no event is kept for an operator', async () => {
        if (!subject.deliverNoEvent) return;
        expect(await subject.deliverNoEvent(doing(() => []).group, testHost(subject.log))).toBe('dead-letter');
      });
    });
  });
}
