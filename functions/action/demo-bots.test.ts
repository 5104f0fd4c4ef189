import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadBots } from '../../shared/bot/load.ts';
import { startExamples, type Examples } from '../../shared/examples/start.ts';
import { calling, connectionTo, decisionId, SECRET } from './testing.ts';

const bots = await loadBots(join(import.meta.dirname, '../../bots'));

let examples: Examples;
beforeEach(async () => {
  examples = await startExamples({ port: 0, secret: SECRET });
});
afterEach(() => examples.stop());

/** Does the actions of a demo bot as the platform would, against the example services. */
const acting = (name: string) => {
  const bot = bots.get(name);
  if (!bot) throw new Error(`there is no bot ${name}`);
  return calling(connectionTo(examples.url), { botOf: () => Promise.resolve(bot) });
};

describe("the shop bot's actions", () => {
  it('look up an order, and know of none where there is none', async () => {
    const act = acting('shop-helpdesk');
    expect(await act('action_order_status', { order_number: 'TS12345678' })).toEqual({
      kind: 'done',
      slots: { status: 'out_for_delivery', carrier: 'YTO', order_total: '500' },
    });
    const unknown = await act('action_order_status', { order_number: 'TS12345679' });
    expect(unknown).toMatchObject({ kind: 'done', slots: { status: 'unknown' } });
  });

  it('refund once for each decision, all of an order or a part of it', async () => {
    const act = acting('shop-helpdesk');
    const part = { order_number: 'TS12345674', refund_amount: '12.5' };
    for (const decision of [decisionId(1), decisionId(1)]) {
      const done = await act('action_refund', part, { decision });
      expect(done).toMatchObject({ kind: 'done', slots: { refund_id: 'R1' } });
    }
    const whole = { order_number: 'TS12345670', order_total: '500' };
    const done = await act('action_cancel_order', whole, { decision: decisionId(2) });
    expect(done).toMatchObject({ kind: 'done', slots: { refund_id: 'R2' } });
    expect(examples.refunds).toMatchObject([
      { order: 'TS12345674', amount: 12.5 },
      { order: 'TS12345670', amount: 500 },
    ]);
    const tooMuch = { ...part, refund_amount: '501' };
    const refused = await act('action_refund', tooMuch, { decision: decisionId(3) });
    expect(refused).toEqual({ kind: 'failed', reason: 'refused' });
  });
});

describe("the bank bot's actions", () => {
  it('tell the balance', async () => {
    expect(await acting('bank-helpdesk')('action_balance', {})).toEqual({
      kind: 'done',
      slots: { balance: '1000', currency: 'EUR' },
    });
  });

  it('block a card, and tell so', async () => {
    const act = acting('bank-helpdesk');
    const card = { card_digits: '1234' };
    expect(await act('action_card_status', card)).toEqual({ kind: 'done', slots: { card_blocked: 'false' } });
    expect(await act('action_block_card', card)).toEqual({ kind: 'done', slots: { card_blocked: 'true' } });
    expect(await act('action_card_status', card)).toEqual({ kind: 'done', slots: { card_blocked: 'true' } });
    expect([...examples.blocked]).toEqual(['1234']);
  });

  it('transfer once for each decision, and no more than there is', async () => {
    const act = acting('bank-helpdesk');
    const given = { payee: 'Anna', amount: '80' };
    for (const decision of [decisionId(1), decisionId(1)]) {
      const done = await act('action_transfer', given, { decision });
      expect(done).toEqual({ kind: 'done', slots: { transfer_id: 'T1', balance: '920' } });
    }
    const more = await act('action_transfer', { ...given, amount: '921' }, { decision: decisionId(2) });
    expect(more).toMatchObject({ kind: 'done', slots: { transfer_result: 'not_enough' } });
    expect(examples.transfers).toEqual([{ id: 'T1', to: 'Anna', amount: 80 }]);
  });
});
