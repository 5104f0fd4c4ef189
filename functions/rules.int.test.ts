import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlRequested } from '../events/session.ts';
import { brokerUser, groupRole, inboxOf, shadowRole } from '../shared/access/roles.ts';
import type { Draft } from '../events/define.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import { memoryLog, type MemoryLog } from '../shared/log/memory.ts';
import type { SessionRef } from '../shared/log/log.ts';
import { provision } from '../shared/log/provision.ts';
import { readSession } from '../shared/log/read.ts';
import { runGroup } from '../shared/runtime/chain.ts';
import { testBot } from '../shared/testing/bot.ts';
import { startBroker, type TestServer } from '../shared/testing/broker.ts';
import { incoming, newSession, opening, saying, testHost, transcript } from '../shared/testing/rig.ts';
import { durablesOf, groupsOf } from './index.ts';
import { policy } from './policy/handler.ts';

// The rules of "A turn" in ARCHITECTURE.md that are not tested where their code stands.

const [chained] = groupsOf('chained');
const signal = new AbortController().signal;

/** Appends these events, and runs the functions on each. Understanding may be withheld from a turn. */
async function happened(log: MemoryLog, ref: SessionRef, drafts: readonly Draft[]): Promise<void> {
  const host = testHost(log);
  for (const draft of [opening(), ...drafts]) {
    const placed = await host.tail.append(incoming(ref, draft));
    if (placed.kind !== 'appended' || !chained) expect.fail('was not appended');
    await runGroup(chained, { stored: placed.stored, attempt: 1 }, host, signal);
  }
}

describe('rule 1: a turn is the id of the event that opened it', () => {
  it('and every event of the turn carries it', async () => {
    const [log, ref] = [memoryLog(), newSession()];
    await happened(log, ref, [saying('hello'), saying('where is my parcel')]);
    const events = await readSession(log, ref);
    const opened = events.filter(({ envelope }) => envelope.type === 'utterance.received');
    for (const { envelope, position } of opened) {
      expect(envelope.turn).toBe(envelope.id);
      const types = events.filter((s) => s.envelope.turn === envelope.id && s.position >= position);
      expect(types.map((s) => s.envelope.type).at(-1)).toBe('turn.replied');
    }
    expect(new Set(opened.map(({ envelope }) => envelope.turn)).size).toBe(2);
  });
});

describe('rule 2: any relevant event wakes the policy, and the state decides what it does', () => {
  it('decides the oldest turn first, whichever event wakes it, and then the ones that waited', async () => {
    const [log, ref] = [memoryLog(), newSession()];
    const host = testHost(log);
    for (const draft of [opening(), saying('hello'), saying('bye')]) await host.tail.append(incoming(ref, draft));
    const [, first, second] = log.all;
    const [intent, entity, decider] = groupsOf('hop-by-hop');
    if (!first || !second || !intent || !entity || !decider) return expect.fail('the log is too short');
    // The second turn is understood completely before the first one is.
    for (const group of [intent, entity]) await runGroup(group, { stored: second, attempt: 1 }, host, signal);
    const understood = log.all.at(-1);
    if (understood) await runGroup(decider, { stored: understood, attempt: 1 }, host, signal);
    expect(log.all.map((s) => s.envelope.type)).not.toContain('policy.decided');

    for (const group of [intent, entity]) await runGroup(group, { stored: first, attempt: 1 }, host, signal);
    const last = log.all.at(-1);
    if (last) await runGroup(decider, { stored: last, attempt: 1 }, host, signal);
    const decisions = log.all.filter((s) => s.envelope.type === 'policy.decided');
    expect(decisions.map((s) => s.envelope.turn)).toEqual([first.envelope.id, second.envelope.id]);
  });
});

describe('rule 8: control changes are decisions', () => {
  it('of the policy, on commands that are events like any other', async () => {
    const [log, ref] = [memoryLog(), newSession()];
    const agent = 'mei';
    const command = (name: 'take' | 'hand-back' | 'close') => controlRequested({ command: name, agent });
    await happened(log, ref, [
      command('take'),
      saying('hello'),
      command('hand-back'),
      saying('hello'),
      command('close'),
    ]);
    const acts = log.all.flatMap(({ envelope: { type, data } }) =>
      type === 'policy.decided' ? [(data as { act: { kind: string } }).act.kind] : [],
    );
    expect(acts).toEqual(['take', 'forward', 'hand-back', 'respond', 'close']);
    expect(await transcript(log, ref)).toEqual([
      'turn.handed-off: a person has the conversation',
      'turn.replied: Hello!',
    ]);
  });

  it('and a command that would change nothing is not decided upon', async () => {
    const [log, ref] = [memoryLog(), newSession()];
    await happened(log, ref, [controlRequested({ command: 'hand-back', agent: 'mei' })]);
    expect(log.all.map((s) => s.envelope.type)).not.toContain('policy.decided');
  });
});

describe('rule 9: the bot is an argument', () => {
  it('named by the opening of the session, so that another bot decides otherwise on the same state', async () => {
    const [log, ref] = [memoryLog(), newSession()];
    await happened(log, ref, [saying('hello')]);
    const state = policy.fold.initial;
    const turn = { id: 'x', at: 1, locale: 'en', entities: [], decided: false };
    const asked = {
      ...state,
      phase: 'open' as const,
      bot: { name: testBot.name, hash: testBot.hash },
      turns: [{ ...turn, intent: { kind: 'classified' as const, name: 'greet', confidence: 0.9 } }],
    };
    const now = new Date(0);
    const silent = { ...testBot, flows: [] };
    expect(policy.decide(asked, { now, bot: testBot })?.data.act.kind).toBe('respond');
    expect(policy.decide(asked, { now, bot: silent })?.data.act.kind).toBe('fall-back');
    expect(policy.decide(asked, { now, bot: undefined })).toBeUndefined();
    expect(policy.botOf(asked)).toBe(testBot.hash);
  });
});

describe('on a real nats-server', () => {
  let server: TestServer;
  const passwords = 'a password for tests';
  const [turn] = groupsOf('chained');
  const roles = turn ? [groupRole(turn), shadowRole(turn)] : [];
  const operator = { user: 'operator', publish: ['>'], subscribe: ['>'] };

  beforeAll(async () => {
    server = await startBroker({ users: [operator, ...roles].map((role) => brokerUser(role, passwords)) });
    const nc = await server.nc({ user: 'operator', pass: passwords });
    await provision(nc, { replicas: 1, durables: durablesOf(groupsOf('chained')) });
  });
  afterAll(() => server.stop());

  it('rule 12: a waiting client is woken by the announcement of what is stored, and needs no consumer', async () => {
    const nc = await server.nc({ user: 'operator', pass: passwords });
    const log = jetstreamLog(nc);
    const ref = newSession();
    const rung: string[] = [];
    const following = log.follow({ tenant: ref.tenant, session: ref.session }, ({ envelope, previous }) => {
      rung.push(`${envelope.type} after ${previous}`);
    });
    const result = await log.append(incoming(ref, opening()), 0);
    const position = result.kind === 'appended' ? result.stored.position : 0;
    await log.append(incoming(ref, saying('hello')), position);
    // One that is refused is announced to nobody.
    await log.append(incoming(ref, saying('too late')), position);
    await expect.poll(() => rung).toEqual(['session.opened after 0', `utterance.received after ${position}`]);
    following.stop();
  });

  it('rule 15: a shadow cannot publish what belongs to conversations', async () => {
    const [, shadow] = roles;
    if (!shadow) return expect.fail('there is no shadow');
    const { user } = shadow;
    const nc = await server.nc({ user, pass: passwords, inboxPrefix: inboxOf(user) });
    const log = jetstreamLog(nc, { timeoutMs: 500 });
    await expect(log.append(incoming(newSession(), opening()), 0)).rejects.toMatchObject({ code: 'log.unavailable' });
    expect(shadow.publish.filter((subject) => subject.startsWith('conv') || subject === '>')).toEqual([]);
  });
});
