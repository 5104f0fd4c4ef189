import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Draft } from '../../events/define.ts';
import type { Envelope, EventId } from '../../events/envelope.ts';
import { timerFired } from '../../events/session.ts';
import { turnDeadLettered, turnHandedOff, turnReplied, turnSuperseded } from '../../events/turn.ts';
import { entitiesExtracted, intentClassified, intentNotRecognised, stepFailed } from '../../events/understanding.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import type { SessionRef, Stored } from '../../shared/log/log.ts';
import { memoryLog, type MemoryLog } from '../../shared/log/memory.ts';
import { DELIVERIES, runGroup } from '../../shared/runtime/chain.ts';
import { derivedId } from '../../shared/runtime/ids.ts';
import { place } from '../../shared/runtime/place.ts';
import { incoming, keywordPorts, newSession, opening, saying, testHost, typesOf } from '../../shared/testing/rig.ts';
import { testBot } from '../../shared/testing/bot.ts';
import { wantedTypes } from '../../shared/function/define.ts';
import { groupsOf } from '../index.ts';
import { policy } from '../policy/handler.ts';
import { play } from './simulation.ts';
import { planOf, stories } from './schedules.ts';

const signal = new AbortController().signal;
const [turn] = groupsOf('chained');
const deciding = { name: 'policy', functions: [policy] };

interface Setting {
  readonly log: MemoryLog;
  readonly ref: SessionRef;
  readonly add: (draft: Draft, over?: Partial<Envelope>) => Promise<Stored>;
}

async function session(): Promise<Setting> {
  const [log, ref] = [memoryLog(), newSession()];
  const { tail } = testHost(log);
  const add = async (draft: Draft, over: Partial<Envelope> = {}) => {
    const placed = await tail.append(incoming(ref, draft, over));
    return placed.kind === 'appended' ? placed.stored : expect.fail('was stored before');
  };
  await add(opening());
  return { log, ref, add };
}
const decisions = ({ log }: Setting) => log.all.filter(({ envelope }) => envelope.type === 'policy.decided');
const actsOf = (setting: Setting) =>
  decisions(setting).map((s) => (s.envelope.data as { act: { kind: string } }).act.kind);

describe('rule 2: any relevant event wakes the policy; the state decides what it does', () => {
  const intent = intentClassified({ intent: 'greet', confidence: 1, model: 'm', others: [] });
  const entities = entitiesExtracted({ entities: [], model: 'm' });
  const last: Readonly<Record<string, readonly [before: Draft, last: Draft]>> = {
    'intent.classified': [entities, intent],
    'intent.not-recognised': [entities, intentNotRecognised({ best: [], model: 'm' })],
    'entities.extracted': [intent, entities],
    'step.failed': [intent, stepFailed({ step: 'entity', reason: 'crashed', attempts: 4 })],
  };

  it.each(Object.entries(last))('%s does, when it is what was missing', async (_type, [before, missing]) => {
    const s = await session();
    const { envelope } = await s.add(saying('hello'));
    await s.add(before, { turn: envelope.id });
    const woken = await s.add(missing, { turn: envelope.id });
    await runGroup(deciding, { stored: woken, attempt: 1 }, testHost(s.log), signal);
    expect(decisions(s)).toHaveLength(1);
  });

  it('an ending without a reply does, for the turn behind it', async () => {
    const s = await session();
    const first = await s.add(saying('hello'));
    const second = await s.add(saying('hello'));
    for (const fact of [intent, entities]) await s.add(fact, { turn: second.envelope.id });
    const ended = await s.add(turnDeadLettered({ reason: 'crashed' }), { turn: first.envelope.id });
    await runGroup(deciding, { stored: ended, attempt: 1 }, testHost(s.log), signal);
    expect(decisions(s).map(({ envelope }) => envelope.turn)).toEqual([second.envelope.id]);
  });

  it('and every type that it listens to is one of these, a result from outside, a command, a timer or a return', () => {
    const results = [
      'action.completed',
      'action.failed',
      'passages.found',
      'answer.generated',
      'flow.suggested',
      'answer.failed',
    ];
    const others = [...results, 'turn.dead-lettered', 'control.requested', 'timer.fired', 'session.resumed'];
    expect(new Set(wantedTypes(policy))).toEqual(new Set([...Object.keys(last), ...others]));
  });
});

describe('rule 6: endings exclude each other', () => {
  const endings = [
    turnReplied({ messages: [], locale: 'en' }),
    turnHandedOff({ messages: [], locale: 'en', reason: 'asked' }),
    turnSuperseded({ by: '0'.repeat(26) as EventId }),
    turnDeadLettered({ reason: 'crashed' }),
  ];
  const pairs = endings.flatMap((a) => endings.filter((b) => b !== a).map((b) => [a, b] as const));

  it.each(pairs.map(([a, b]) => [a.type, b.type, a, b] as const))('%s keeps %s out', async (_a, _b, one, other) => {
    const s = await session();
    const opened = await s.add(saying('hello'));
    const host = testHost(s.log);
    const ending = (draft: Draft) => incoming(s.ref, draft, { turn: opened.envelope.id });
    expect(await place(host, ending(one), opened.position)).toBeDefined();
    expect(await place(host, ending(other), opened.position)).toBeUndefined();
    expect(await place(host, ending(other), 0)).toBeUndefined();
    expect(await typesOf(s.log, s.ref)).toEqual(['session.opened', 'utterance.received', one.type]);
  });

  it('also when all of them come at once, from processes that know nothing of each other', async () => {
    const s = await session();
    const opened = await s.add(saying('hello'));
    const placed = await Promise.all(
      endings.map((draft) =>
        place(testHost(s.log), incoming(s.ref, draft, { turn: opened.envelope.id }), opened.position),
      ),
    );
    expect(placed.filter((p) => p !== undefined)).toHaveLength(1);
    expect(s.log.all).toHaveLength(3);
  });
});

describe('rule 7: a step that fails for good says so in the log, and the policy answers it', () => {
  const failingWith = (error: Error) => ({
    ...keywordPorts,
    intentsOf: () => Promise.reject(error),
  });

  it('with what it says when it does not understand', async () => {
    const s = await session();
    const stored = await s.add(saying('hello'));
    if (!turn) return expect.fail('there is no group');
    await runGroup(turn, { stored, attempt: 1 }, testHost(s.log, { ports: failingWith(new Error('broken')) }), signal);
    expect(await typesOf(s.log, s.ref)).toEqual([
      'session.opened',
      'utterance.received',
      'entities.extracted',
      'step.failed',
      'policy.decided',
      'turn.replied',
    ]);
    expect(actsOf(s)).toEqual(['fall-back']);
  });

  it('and looks how often it came before it runs', async () => {
    const s = await session();
    const stored = await s.add(saying('hello'));
    if (!turn) return expect.fail('there is no group');
    let runs = 0;
    const ports = { ...keywordPorts, intentsOf: () => (runs++, keywordPorts.intentsOf()) };
    await runGroup(turn, { stored, attempt: DELIVERIES + 1 }, testHost(s.log, { ports }), signal);
    expect(runs).toBe(0);
    expect(actsOf(s)).toEqual(['fall-back']);
  });

  it('but not when what it needs is away: that is waited for', async () => {
    const s = await session();
    const stored = await s.add(saying('hello'));
    if (!turn) return expect.fail('there is no group');
    const away = new PlatformError('log.unavailable', 'away', { retry: 'later' });
    const outcome = await runGroup(turn, { stored, attempt: 1 }, testHost(s.log, { ports: failingWith(away) }), signal);
    expect(outcome.kind).toBe('retry');
    expect(await typesOf(s.log, s.ref)).not.toContain('step.failed');
  });
});

describe('rule 10: a fired timer names the decision that set it, and a stale one is ignored', () => {
  async function asked(): Promise<Setting & { readonly decision: EventId; readonly timers: readonly string[] }> {
    const s = await session();
    const stored = await s.add(saying('where is my parcel'));
    const timers: string[] = [];
    const setTimer = ({ id }: { readonly id: string }) => {
      timers.push(id);
      return Promise.resolve();
    };
    const bot = { ...testBot, settings: { ...testBot.settings, remindAfterMs: 60_000 } };
    const ports = { ...keywordPorts, setTimer };
    if (turn) await runGroup(turn, { stored, attempt: 1 }, testHost(s.log, { ports, bots: () => bot }), signal);
    const [decision] = decisions(s);
    return { ...s, timers, decision: decision?.envelope.id ?? expect.fail('nothing was decided') };
  }
  const fire = async (s: Setting, decision: EventId, n = 0) => {
    const id = derivedId(decision, 'timer', n);
    const stored = await s.add(timerFired({ timer: decision }), { id, causation: decision });
    if (turn) await runGroup(turn, { stored, attempt: 1 }, testHost(s.log), signal);
  };

  it('so that the question is repeated once', async () => {
    const s = await asked();
    expect(s.timers).toEqual([s.decision]);
    await fire(s, s.decision);
    await fire(s, s.decision, 1);
    expect(actsOf(s)).toEqual(['ask', 'remind']);
    expect(await typesOf(s.log, s.ref)).toContain('customer.reminded');
  });

  it('so that an answered question is not repeated', async () => {
    const s = await asked();
    const stored = await s.add(saying('it is TS12345678'));
    if (turn) await runGroup(turn, { stored, attempt: 1 }, testHost(s.log), signal);
    await fire(s, s.decision);
    expect(actsOf(s)).toEqual(['ask', 'respond']);
  });
});

describe('rule 13: chained hosting changes nothing in the log', () => {
  /** What was written, and by whom, without where it stands: others may write in between. */
  const written = (log: MemoryLog) =>
    log.all
      .map(({ envelope: { id, type, emitter, causation, turn: of, data } }) =>
        JSON.stringify([
          id,
          type,
          emitter,
          causation,
          of,
          type === 'policy.decided' ? { ...(data as object), snapshot: 0 } : data,
        ]),
      )
      .sort();

  it('but the order in which functions come to write', async () => {
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const chained = await play(planOf({ ...story, hosting: 'chained' }), []);
        const hops = await play(planOf({ ...story, hosting: 'hop-by-hop' }), []);
        expect(written(hops.log)).toEqual(written(chained.log));
      }),
      { numRuns: 50 },
    );
  });
});
