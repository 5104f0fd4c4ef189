import { describe, expect, it } from 'vitest';
import { policyDecided, type Act } from '../../events/decision.ts';
import type { Recorded } from '../../events/envelope.ts';
import { incoming, newSession } from '../../shared/testing/rig.ts';
import { deskNewsOf } from './desk.ts';

const noteOf = (act: Act, phase = 'open') => {
  const state = { phase, channel: 'web' };
  const draft = policyDecided({
    ...{ step: 1, act, says: [], slots: {}, forgets: [], stack: [], why: { rule: 'flow' }, locale: 'en' },
    snapshot: { fold: 'dialogue-1', hash: '0123456789abcdef', state },
  });
  return deskNewsOf({ ...incoming(newSession(), draft), position: 7 } as Recorded<typeof policyDecided>);
};
const since = '2026-01-01T00:00:00.000Z';

describe('a decision', () => {
  it('puts a session into the queue, with what its person should know about', () => {
    expect(noteOf({ kind: 'hand-off', reason: 'flow human', skill: 'orders', priority: 'high' })).toEqual({
      position: 7,
      entry: {
        kind: 'waiting',
        since,
        channel: 'web',
        locale: 'en',
        reason: 'flow human',
        skill: 'orders',
        priority: 'high',
      },
    });
    expect(noteOf({ kind: 'hand-off', reason: 'x' })).toMatchObject({ entry: { priority: 'normal' } });
  });

  it('gives it to an agent', () => {
    expect(noteOf({ kind: 'take', agent: 'ann' })).toMatchObject({ entry: { kind: 'taken', since, agent: 'ann' } });
  });

  it.each([
    [{ kind: 'hand-back', agent: 'ann' }, 'handed-off', { position: 7 }],
    [{ kind: 'ticket', reason: 'x' }, 'handed-off', { position: 7 }],
    [{ kind: 'close', reason: 'x' }, 'handed-off', { position: 7 }],
    [{ kind: 'close', reason: 'x' }, 'open', undefined],
    [{ kind: 'respond' }, 'open', undefined],
    [{ kind: 'forward' }, 'handed-off', { position: 7, wrote: true }],
  ] as const)(
    '%j of a session that is %s takes it away, says that its customer wrote, or means nothing',
    (act, phase, note) => {
      expect(noteOf(act, phase)).toEqual(note);
    },
  );
});
