import { describe, expect, it } from 'vitest';
import { agentReplied } from '../../events/desk.ts';
import { controlRequested, timerFired } from '../../events/session.ts';
import { overtaken } from '../../shared/session/decided.ts';
import { conversation } from './testing/conversation.ts';
import { deskBot } from './testing/desk-bot.ts';

const bot = deskBot();
const command = (kind: 'take' | 'hand-back' | 'close') => controlRequested({ command: kind, agent: 'ann' });

describe('a customer who falls silent', () => {
  it('is asked once more, and then the conversation is closed', () => {
    const c = conversation(bot);
    c.say('track', { intent: 'track' });
    expect(c.decided.timer).toEqual({ purpose: 'silence', afterMs: 60_000 });
    expect(c.fire('silence')).toEqual(['Which order?']);
    expect(c.decided).toMatchObject({ act: { kind: 'remind' }, timer: { purpose: 'idle', afterMs: 1_800_000 } });
    expect(c.fire('idle')).toHaveLength(1);
    expect(c.decided.act).toEqual({ kind: 'close', reason: 'the customer has gone' });
    expect(c.state).toMatchObject({ phase: 'closed', timers: [], stack: [] });
  });

  it('is not reminded of a question that was answered, nor of one whose answer has just come', () => {
    const c = conversation(bot);
    c.say('track', { intent: 'track' });
    const timer = c.decided.id;
    c.utter('TS0001');
    expect(c.happen(timerFired({ timer }))).toEqual([]);
    expect(c.decisions).toHaveLength(1);
  });

  it('is not closed upon by a timer of an earlier decision', () => {
    const c = conversation(bot);
    c.say('hello', { intent: 'greet' });
    const timer = c.decided.id;
    c.say('hello', { intent: 'greet' });
    expect(c.happen(timerFired({ timer }))).toEqual([]);
    expect(c.state.phase).toBe('open');
  });

  it('has one timer for each purpose', () => {
    const c = conversation(bot);
    for (let i = 0; i < 5; i++) c.say('hello', { intent: 'greet' });
    expect(c.state.timers).toEqual([{ purpose: 'idle', decision: c.decided.id }]);
  });

  it('lets the timer of the decision before go once another is set, unless something waits for it still', () => {
    const c = conversation(bot);
    c.say('track', { intent: 'track' });
    const silence = c.decided.id;
    expect(overtaken(c.state, 'silence')).toBe(silence);
    expect(overtaken(c.state, 'deadline')).toBeUndefined();
    c.utter('TS0001');
    expect(overtaken(c.state, 'deadline')).toBe(silence);
    expect(overtaken(conversation(bot).state, 'idle')).toBeUndefined();
    expect(overtaken({}, 'idle')).toBeUndefined();
  });
});

describe('a customer who is handed over', () => {
  const handed = () => {
    const c = conversation(bot);
    c.say('a human', { intent: 'human' });
    return c;
  };

  it('waits for a person with a skill and a priority', () => {
    const c = handed();
    expect(c.decided).toMatchObject({
      act: { kind: 'hand-off', skill: 'orders', priority: 'high' },
      timer: { purpose: 'hand-over', afterMs: 300_000 },
    });
    expect(c.state).toMatchObject({ phase: 'handed-off', desk: { agent: null } });
  });

  it('is told when nobody comes, gets a ticket, and has the bot again', () => {
    const c = handed();
    c.say('are you there', { intent: 'greet' });
    expect(c.fire('hand-over')).toHaveLength(1);
    expect(c.decided).toMatchObject({ act: { kind: 'ticket', reason: 'nobody took over in time', skill: 'orders' } });
    expect(c.say('hello', { intent: 'greet' })).toEqual(['Hello!']);
  });

  it.each([
    ['takes the conversation', command('take')],
    ['writes', agentReplied({ agent: 'ann', messages: [{ text: 'I am here.', buttons: [] }] })],
  ])('waits no longer once an agent %s', (_, draft) => {
    const c = handed();
    const timer = c.decided.id;
    c.happen(draft);
    expect(c.state).toMatchObject({ desk: { agent: 'ann' }, timers: [] });
    expect(c.happen(timerFired({ timer }))).toEqual([]);
    expect(c.state.phase).toBe('handed-off');
  });

  it('has a silent bot in between, which knows afterwards what was said', () => {
    const c = handed();
    c.happen(command('take'));
    expect(c.say('my order is late', { intent: 'track' })).toEqual([]);
    expect(c.decided.act).toEqual({ kind: 'forward' });
    for (const text of ['One.', 'Two.', 'Three.', 'x'.repeat(500)]) {
      c.happen(agentReplied({ agent: 'ann', messages: [{ text, buttons: [] }] }));
    }
    c.happen(command('hand-back'));
    expect(c.state).toMatchObject({ phase: 'open', desk: { agent: 'ann', said: ['Two.', 'Three.', 'x'.repeat(160)] } });
    expect(c.say('track', { intent: 'track' })).toEqual(['Which order?']);
  });

  it('is taken by the first of two agents, whoever is decided upon first', () => {
    const c = handed();
    c.wait(controlRequested({ command: 'take', agent: 'ann' }));
    c.happen(controlRequested({ command: 'take', agent: 'ben' }));
    expect(c.decisions.map(({ act }) => act.kind)).toEqual(['hand-off', 'take']);
    expect(c.state.desk?.agent).toBe('ann');
  });

  it.each(['take', 'close'] as const)('is not told that nobody comes beside a %s', (kind) => {
    const c = handed();
    const timer = c.decided.id;
    c.wait(command(kind));
    expect(c.happen(timerFired({ timer }))).toEqual([]);
    expect(c.decided.act.kind).toBe(kind);
    expect(c.state.commands).toEqual([]);
  });

  it('is with nobody once it is closed', () => {
    const c = handed();
    c.wait(command('close'));
    c.happen(command('take'));
    expect(c.state).toMatchObject({ phase: 'closed', commands: [] });
  });

  it('is not taken twice', () => {
    const c = handed();
    c.happen(command('take'));
    const before = c.decisions.length;
    c.happen(command('take'));
    expect(c.decisions).toHaveLength(before);
  });

  it('stops waiting for the outside world when an agent takes over', () => {
    const c = conversation(bot);
    c.say('status', { intent: 'order_status', entities: { order_number: 'TS0001' } });
    const timer = c.decided.id;
    c.happen(command('take'));
    expect(c.decisions.map(({ act }) => act.kind)).toEqual(['call', 'take', 'forward']);
    expect(c.state).toMatchObject({ pending: null, turns: [] });
    expect(c.happen(timerFired({ timer: timer }))).toEqual([]);
  });
});
