import { describe, expect, it } from 'vitest';
import { utteranceReceived } from '../../events/understanding.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { takesOver } from '../../shared/bot/migrate.ts';
import { conversation } from './testing/conversation.ts';
import { DESK_FILES, deskBot } from './testing/desk-bot.ts';

const MIGRATE = 'migrate:\n  from: all\n  slots: { old_order: order_number, forgotten: null }\n';
const renamed = (text: string) => text.replaceAll('order_number', 'old_order');
const before: Bot = deskBot({
  domain: renamed(DESK_FILES.domain),
  flows: renamed(DESK_FILES.flows),
  nlu: renamed(DESK_FILES.nlu),
});
const after: Bot = deskBot({ bot: DESK_FILES.bot + MIGRATE });

describe('a version of a bot that takes over sessions', () => {
  it('goes on in the middle of a flow with what the customer has said, under its new name', () => {
    const c = conversation(before);
    c.say('a refund', { intent: 'refund', entities: { old_order: 'TS0001' } });
    expect(c.state.slots).toEqual({ old_order: 'TS0001' });
    c.becomes(after);
    expect(c.say('20', { entities: { amount: '20' } })).toEqual(['Refund 20 for TS0001?']);
    expect(c.state).toMatchObject({ bot: { hash: after.hash }, slots: { order_number: 'TS0001', amount: '20' } });
    expect(c.state.slots).not.toHaveProperty('old_order');
    expect(c.decided).toMatchObject({ forgets: ['old_order'], slots: { order_number: 'TS0001', amount: '20' } });
  });

  it('drops what it does not want any more, and keeps what was said to it itself', () => {
    const c = conversation(before);
    c.say('track', { intent: 'track', entities: { old_order: 'TS0001' } });
    c.becomes(after);
    c.say('track', { intent: 'track', entities: { order_number: 'TS0002' } });
    expect(c.state.slots).toEqual({ order_number: 'TS0002' });
  });

  it.each([
    ['all', after, true],
    ['a beginning of the hash', { ...after, migrate: { from: [before.hash.slice(0, 8)], slots: {} } }, true],
    ['another version', { ...after, migrate: { from: ['0'.repeat(8)], slots: {} } }, false],
    ['none', deskBot(), false],
    ['itself', { ...before, migrate: { from: ['all'], slots: {} } }, false],
    ['another bot', { ...after, name: 'other' }, false],
  ])('names them: %s', (_, bot, expected) => {
    expect(takesOver(bot, before)).toBe(expected);
  });

  it('is not made from a log in which messages name no other version', () => {
    const c = conversation(before);
    const said = utteranceReceived({
      text: 'x',
      locale: 'en',
      channel: 'web',
      bot: { name: before.name, hash: before.hash },
    });
    c.happen(said);
    expect(c.state.bot?.hash).toBe(before.hash);
  });
});
