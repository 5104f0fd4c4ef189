import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policyDecided, type Act } from '../../events/decision.ts';
import { agentReplied, ticketWritten } from '../../events/desk.ts';
import type { Draft } from '../../events/define.ts';
import type { EventId, TenantId } from '../../events/envelope.ts';
import { answering, startReceiver, type Receiver } from '../../shared/egress/receiver.fixture.ts';
import { tailOf } from '../../shared/log/append.ts';
import type { Stored } from '../../shared/log/log.ts';
import { incoming, newSession, opening, saying } from '../../shared/testing/rig.ts';
import { endpointAt, SECRET, startDeliveries, type Deliveries } from './deliveries.fixture.ts';

const ACME = 'acme' as TenantId;
const ref = newSession();

let channel: Receiver;
let desk: Receiver;
let d: Deliveries;
let happen: (draft: Draft, turn?: string) => Promise<Stored>;

const decided = (act: Act, phase = 'open') =>
  policyDecided({
    ...{ step: 1, act, says: [], slots: {}, forgets: [], stack: [], why: { rule: 'flow' }, locale: 'zh' },
    snapshot: { fold: 'dialogue-1', hash: '0123456789abcdef', state: { phase, channel: 'web' } },
  });
const received = (at: Receiver) =>
  at.received.map(({ headers, body }) => new Webhook(SECRET).verify(body, headers as Record<string, string>)) as {
    readonly type: string;
    readonly data: object;
  }[];
const start = async (desks: readonly TenantId[]) => {
  [channel, desk, d] = await Promise.all([startReceiver(), startReceiver(), startDeliveries([ACME], undefined, desks)]);
  const tail = tailOf(d.log);
  happen = async (draft, turn) => {
    const over = { time: new Date().toISOString(), ...(turn !== undefined && { turn: turn as EventId }) };
    const placed = await tail.append(incoming(ref, draft, over));
    if (placed.kind !== 'appended') throw new Error('happened twice');
    return placed.stored;
  };
  await happen(opening());
  await d.host(
    new Map([[ACME, endpointAt(channel)]]),
    desks.length > 0 ? { desks: new Map([[ACME, endpointAt(desk)]]) } : {},
  );
};
afterEach(async () => {
  await d.stop();
  await Promise.all([channel.close(), desk.close()]);
});

describe("a desk of the tenant's own", () => {
  beforeEach(() => start([ACME]));

  it('is told who waits, what customers say to a person, and how it ends; nothing of what the bot does', async () => {
    const { envelope } = await happen(saying('Where is my parcel?', 'en'));
    await happen(decided({ kind: 'respond' }), envelope.id);
    await happen(decided({ kind: 'hand-off', reason: 'flow human', skill: 'orders', priority: 'high' }), envelope.id);
    await happen(decided({ kind: 'take', agent: 'ann' }));
    const said = (await happen(saying('还在吗', 'zh'))).envelope;
    await happen(decided({ kind: 'forward' }), said.id);
    await happen(agentReplied({ agent: 'ann', messages: [{ text: '在的', buttons: [] }] }));
    await happen(decided({ kind: 'hand-back', agent: 'ann' }));
    await happen(decided({ kind: 'close', reason: 'x' }, 'handed-off'));
    await happen(decided({ kind: 'close', reason: 'x' }, 'open'));
    await happen(ticketWritten({ reason: 'nobody took over in time', skill: 'orders' }));
    await expect.poll(() => desk.received.length).toBe(6);
    await d.settled();
    const { session } = ref;
    expect(received(desk)).toMatchObject([
      {
        type: 'desk.session-waiting',
        data: { session, locale: 'zh', channel: 'web', reason: 'flow human', skill: 'orders', priority: 'high' },
      },
      { type: 'desk.session-taken', data: { session, agent: 'ann' } },
      { type: 'desk.customer-said', data: { session, turn: said.id, text: '还在吗' } },
      { type: 'desk.session-handed-back', data: { session, agent: 'ann' } },
      { type: 'desk.session-closed', data: { session } },
      { type: 'ticket.written', data: { session, reason: 'nobody took over in time', skill: 'orders' } },
    ]);
    // The channel gets what the person wrote, as it gets what the bot says.
    expect(received(channel)).toMatchObject([
      { type: 'agent.replied', data: { session, messages: [{ text: '在的', buttons: [] }] } },
    ]);
  });

  it('is told again until it has understood', async () => {
    desk.behave(answering(500, 200));
    const waiting = await happen(decided({ kind: 'hand-off', reason: 'not understood' }));
    await expect
      .poll(() => d.outcomes(waiting))
      .toEqual([{ type: 'reply.delivered', data: { endpoint: 'hook', status: 200, attempts: 2 } }]);
    expect(desk.received.map(({ headers }) => headers['webhook-id'])).toEqual([
      waiting.envelope.id,
      waiting.envelope.id,
    ]);
    expect(channel.received).toEqual([]);
  });
});

describe('a tenant without a desk of its own', () => {
  beforeEach(() => start([]));

  it('hears of tickets at the address for replies, and of nothing else', async () => {
    await happen(decided({ kind: 'hand-off', reason: 'not understood' }));
    await happen(ticketWritten({ reason: 'nobody took over in time' }));
    await expect.poll(() => channel.received.length).toBe(1);
    await d.settled();
    expect(received(channel)).toMatchObject([{ type: 'ticket.written', data: { reason: 'nobody took over in time' } }]);
  });
});
