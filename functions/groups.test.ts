import { describe, expect, it } from 'vitest';
import { policyDecided, type Act } from '../events/decision.ts';
import { listensTo } from '../shared/function/define.ts';
import { eventSubject } from '../shared/log/subjects.ts';
import { entrances } from '../shared/runtime/chain.ts';
import { groupRole } from '../shared/access/roles.ts';
import { newSession } from '../shared/testing/rig.ts';
import { action } from './action/handler.ts';
import { groupsOf, registry } from './index.ts';
import { knowledge } from './knowledge/handler.ts';
import { reply } from './reply/handler.ts';

const given = (hosting: 'chained' | 'hop-by-hop') =>
  Object.fromEntries(groupsOf(hosting).map((group) => [group.name, entrances(group)]));

describe('what a group is given', () => {
  it('is, chained, nothing that it makes itself; and those who wait for others get what is asked of them alone', () => {
    const { turn = [], outside = [] } = given('chained');
    expect(turn).toEqual(
      expect.arrayContaining(['utterance.received', 'action.completed', 'action.failed', 'step.failed']),
    );
    expect(turn.filter((path) => path.startsWith('policy.') || path === 'passages.found')).toEqual([]);
    expect(outside).toContain('policy.decided.call');
    expect(outside.filter((path) => !/^policy\.decided\.[a-z]+$/u.test(path))).toEqual([]);
  });

  it('is, hop by hop, what each function wants', () => {
    expect(given('hop-by-hop')).toMatchObject({
      action: ['policy.decided.call'],
      knowledge: ['policy.decided.search'],
      reply: ['policy.decided', 'policy.decided.*'],
    });
  });

  it('never overlaps, which the server would refuse', () => {
    for (const paths of [...Object.values(given('chained')), ...Object.values(given('hop-by-hop'))]) {
      const wide = paths.filter((path) => path.endsWith('.*')).map((path) => path.slice(0, -1));
      expect(paths.filter((path) => !path.endsWith('.*') && wide.some((prefix) => path.startsWith(prefix)))).toEqual(
        [],
      );
      expect(new Set(paths).size).toBe(paths.length);
    }
    const both = { name: 'both', functions: [action, reply] };
    expect(entrances(both)).toEqual(['policy.decided', 'policy.decided.*']);
  });
});

describe('a decision that asks for something outside', () => {
  const kindOf = (act: object) => policyDecided.kindOf?.({ act: act as Act } as never);
  const call = { kind: 'call', action: 'action_refund', arguments: {} };

  it('says so in its subject, and every other one does not', () => {
    const ref = newSession();
    expect(kindOf(call)).toBe('call');
    expect(kindOf({ kind: 'respond' })).toBeUndefined();
    expect(eventSubject({ ...ref, type: 'policy.decided', kind: 'call' })).toMatch(/\.policy\.decided\.call$/u);
    expect(eventSubject({ ...ref, type: 'policy.decided' })).toMatch(/\.policy\.decided$/u);
  });

  it('wakes whoever does it, and whoever carries out all of them', () => {
    const asked = { type: 'policy.decided', kind: 'call' };
    const answered = { type: 'policy.decided' };
    expect([action, knowledge, reply].map((fn) => listensTo(fn, asked))).toEqual([true, false, true]);
    expect([action, knowledge, reply].map((fn) => listensTo(fn, answered))).toEqual([false, false, true]);
  });

  it('may be written by the policy, and by nobody else', () => {
    const writers = groupsOf('hop-by-hop').filter((group) =>
      groupRole(group).publish.includes('conv.*.*.*.policy.decided.*'),
    );
    expect(writers.map(({ name }) => name)).toEqual(['policy']);
    expect(registry.map(({ name }) => name)).toContain('policy');
  });
});
