import { describe, expect, it } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { actionCompleted } from '../../events/outside.ts';
import { conversation } from './testing/conversation.ts';
import { DESK_FILES, deskBot } from './testing/desk-bot.ts';

const talkWith = (midTurn: string) => conversation(deskBot({ bot: `${DESK_FILES.bot}mid_turn: ${midTurn}\n` }));
const number = (order_number: string) => ({ entities: { order_number } });
const STATUS = { intent: 'order_status', ...number('TS0001') };
const kinds = (c: ReturnType<typeof talkWith>) => c.decisions.map(({ act }) => act.kind);

describe('a message that comes while another one is not answered', () => {
  it('waits for its turn, where nothing else is said', () => {
    const c = conversation(deskBot());
    const [first, second] = [c.utter('track'), c.utter('TS0001')];
    expect(c.understand(second, number('TS0001'))).toEqual([]);
    expect(c.understand(first, { intent: 'track' })).toEqual(['Which order?', 'Parcel TS0001 is on its way.']);
    expect(c.decisions.map(({ why }) => why.midTurn)).toEqual(['queue', undefined]);
  });

  it('waits while the first one waits for the outside world', () => {
    const c = conversation(deskBot());
    c.say('status', STATUS);
    const over = { causation: c.decided.id, turn: c.state.pending?.turn as EventId };
    expect(c.say('hello', { intent: 'greet' })).toEqual([]);
    const done = actionCompleted({ action: 'action_order_status', slots: { status: 'shipped' } });
    expect(c.happen(done, over)).toEqual(['It is shipped.', 'Hello!']);
  });

  it('answers both where they are merged', () => {
    const c = talkWith('merge');
    const [first, second] = [c.utter('track'), c.utter('TS0001')];
    c.understand(second, number('TS0001'));
    expect(c.understand(first, { intent: 'track' })).toEqual(['Parcel TS0001 is on its way.']);
    expect(c.decisions).toMatchObject([
      { act: { kind: 'supersede', by: second }, why: { rule: 'mid-turn', midTurn: 'merge' } },
      { act: { kind: 'respond' } },
    ]);
  });

  it('is the same merged whichever was understood first', () => {
    const c = talkWith('merge');
    const [first, second] = [c.utter('track'), c.utter('TS0001')];
    c.understand(first, { intent: 'track' });
    expect(c.understand(second, number('TS0001'))).toEqual(['Parcel TS0001 is on its way.']);
    expect(kinds(c)).toEqual(['supersede', 'respond']);
  });

  it('cannot be merged into a turn that waits for the outside world', () => {
    const c = talkWith('merge');
    c.say('status', STATUS);
    expect(c.say('hello', { intent: 'greet' })).toEqual([]);
    expect(kinds(c)).toEqual(['call']);
  });

  it('interrupts at once, and drops what the first one waits for', () => {
    const c = talkWith('interrupt');
    c.say('status', STATUS);
    const over = { causation: c.decided.id, turn: c.state.pending?.turn as EventId };
    expect(c.say('hello', { intent: 'greet' })).toEqual(['Hello!']);
    expect(kinds(c)).toEqual(['call', 'supersede', 'respond']);
    const done = actionCompleted({ action: 'action_order_status', slots: { status: 'shipped' } });
    expect(c.happen(done, over)).toEqual([]);
    expect(c.state).toMatchObject({ stack: [], pending: null });
  });

  it('is treated as its channel wants', () => {
    expect(kinds(both(talkWith('{ web: interrupt, default: queue }')))).toEqual(['supersede', 'respond']);
    expect(kinds(both(talkWith('{ phone: interrupt }')))).toEqual(['fall-back', 'respond']);
  });

  function both(c: ReturnType<typeof talkWith>) {
    const [first, second] = [c.utter('mumble'), c.utter('hello')];
    c.understand(first, {});
    c.understand(second, { intent: 'greet' });
    return c;
  }
});
