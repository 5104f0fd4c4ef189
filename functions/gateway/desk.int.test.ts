import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SessionId, TenantId } from '../../events/envelope.ts';
import type { SessionRef } from '../../shared/log/log.ts';
import { readSession } from '../../shared/log/read.ts';
import { ANN, BEN, deskBot, startDesk, type DeskPlatform } from './desk.fixture.ts';
import type { Queue } from './desk/queue.ts';
import { ACME, RIVAL, type Client, type Seen } from './gateway.fixture.ts';
import { readSse } from './sse.fixture.ts';

const acme = 'acme' as TenantId;
const LIMIT = { timeout: 8_000 };

let desk: DeskPlatform;
let url: string;
let customer: Client;
let ann: Client;
let ben: Client;
let session: SessionId;

const ref = (): SessionRef => ({ tenant: acme, session });
const say = async (text: string): Promise<Seen['body'] & { readonly ending: string }> => {
  const { body } = await customer.post('/v1/chat', { ...(session && { sessionId: session }), query: text });
  session = body.session;
  return body;
};
const control = (who: Client, command: string, more = {}, headers = {}) =>
  who.post(`/v1/sessions/${session}/control`, { command, ...more }, headers);
const write = (who: Client, text: string, more = {}, headers = {}) =>
  who.post(`/v1/sessions/${session}/agent-messages`, { text, ...more }, headers);
const queue = async (who = customer, path = '/v1/desk/queue') => (await who.get(path)).body as unknown as Queue;
const waiting = async (who?: Client) => (await queue(who)).waiting.filter((w) => w.session === session);
const history = async () => (await readSession(desk.log, ref())).map(({ envelope }) => envelope);
const told = async () =>
  (await history()).flatMap(({ type, data }) =>
    ['turn.replied', 'turn.handed-off', 'customer.reminded', 'agent.replied'].includes(type)
      ? (data as { messages: { text: string }[] }).messages.map(({ text }) => text)
      : [],
  );
const acts = async () =>
  (await history()).flatMap(({ type, data }) =>
    type === 'policy.decided' ? [(data as { act: { kind: string } }).act.kind] : [],
  );

const begin = async (handOverAfter: string) => {
  desk = await startDesk(deskBot(handOverAfter));
  const gateway = await desk.gateway();
  url = gateway.url;
  [customer, ann, ben] = [gateway.client(), gateway.client(ANN), gateway.client(BEN)];
};
beforeEach(() => {
  session = '' as SessionId;
});

describe('a hand-over', () => {
  beforeAll(async () => {
    await begin('10m');
    await desk.functions();
  });
  afterAll(() => desk.stop());
  afterEach(async () => {
    // What a test leaves at the desk is in nobody's way.
    if ((await acts()).at(-1) !== 'close') await customer.post(`/v1/sessions/${session}/events`, closing);
  });
  const closing = { type: 'control.requested', data: { command: 'close', agent: 'operator' } };

  describe.each([
    {
      locale: 'en',
      wish: ['I want a person', 'A colleague takes over.'],
      rule: ['refund', '250', 'A colleague looks at it.'],
      unclear: ['xyzzy', 'A colleague takes over.'],
      thanks: 'thanks',
      agentSays: 'It is on its way.',
      back: 'I am back. ann told you: It is on its way.',
      hello: ['hello', 'Hello!'],
    },
    {
      locale: 'zh',
      wish: ['我要人工', '为您转人工。'],
      rule: ['我要退款', '250', '同事来处理。'],
      unclear: ['呜呜呜', '为您转人工。'],
      thanks: '谢谢',
      agentSays: '已经在路上了。',
      back: '我回来了。ann刚才说：已经在路上了。',
      hello: ['你好', '您好！'],
    },
  ])('in $locale', ({ locale, wish, rule, unclear, thanks, agentSays, back, hello }) => {
    it('is asked for by the customer', async () => {
      expect(await say(wish[0] ?? '')).toMatchObject({ ending: 'handed-off', reply: { text: wish[1] } });
      await expect
        .poll(waiting)
        .toMatchObject([{ skill: 'orders', priority: 'normal', reason: 'flow human', channel: 'chat', locale }]);
    });

    it('is asked for by a rule of a flow', async () => {
      await say(rule[0] ?? '');
      expect(await say(rule[1] ?? '')).toMatchObject({ ending: 'handed-off', reply: { text: rule[2] } });
      await expect.poll(waiting).toMatchObject([{ skill: 'refunds', priority: 'high', reason: 'flow refund', locale }]);
    });

    it('comes after repeated failures', async () => {
      await say(unclear[0] ?? '');
      expect(await say(unclear[0] ?? '')).toMatchObject({ ending: 'handed-off', reply: { text: unclear[1] } });
      await expect.poll(waiting).toMatchObject([{ priority: 'normal', reason: 'not understood', locale }]);
    });

    it('begins and ends in the log; in between the bot is silent, and then it knows what was said', async () => {
      await say(wish[0] ?? '');
      expect(await control(ann, 'take')).toMatchObject({ status: 200, body: { act: 'take' } });
      expect(await write(ann, agentSays)).toMatchObject({ status: 202 });
      expect(await say(thanks)).toMatchObject({ ending: 'handed-off', reply: { text: '' } });
      expect(await control(ann, 'hand-back')).toMatchObject({ status: 200, body: { act: 'hand-back' } });
      await expect.poll(told).toEqual([wish[1], agentSays, back]);
      expect(await say(hello[0] ?? '')).toMatchObject({ ending: 'replied', reply: { text: hello[1] } });
      expect(await acts()).toEqual(['hand-off', 'take', 'forward', 'hand-back', 'respond']);
      expect(await queue()).toMatchObject({ taken: [] });
    });
  });

  it('is claimed by exactly one of many agents, through several gateways', async () => {
    await say('a person');
    const others = await Promise.all([desk.gateway(), desk.gateway()]);
    const claims = await Promise.all(
      [customer, ...others.map((g) => g.client())].flatMap((client, g) =>
        Array.from({ length: 5 }, (_, i) => control(client, 'take', { agent: `agent-${g}-${i}` })),
      ),
    );
    const winners = claims.filter(({ status }) => status === 200);
    expect(claims.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(14).fill(409)]);
    expect(winners).toMatchObject([{ body: { act: 'take' } }]);
    expect(await acts()).toEqual(['hand-off', 'take']);
    const commands = (await history()).filter(({ type }) => type === 'control.requested');
    await expect
      .poll(async () => (await queue()).taken.filter((t) => t.session === session))
      .toMatchObject([{ agent: (commands[0]?.data as { agent: string }).agent }]);
    expect(commands).toHaveLength(1);
  });

  it('is claimed by the first in the log, even where nobody asked whether it is free', async () => {
    await say('a person');
    const take = (agent: string) =>
      customer.post(`/v1/sessions/${session}/events`, { type: 'control.requested', data: { command: 'take', agent } });
    await Promise.all([take('ann'), take('ben'), take('cas')]);
    await expect.poll(acts).toContain('take');
    await say('hello');
    expect(await acts()).toEqual(['hand-off', 'take', 'forward']);
  });

  it('lets nobody write but the agent who took it', async () => {
    await say('hello');
    expect((await write(ann, 'Hi')).status).toBe(409);
    await say('a person');
    expect(await write(ann, 'Hi')).toMatchObject({
      status: 409,
      body: { title: 'Nobody has taken the conversation yet' },
    });
    await control(ann, 'take');
    expect((await write(ben, 'Hi')).status).toBe(409);
    expect((await control(ben, 'hand-back')).status).toBe(409);
    expect((await control(ben, 'take')).status).toBe(409);
    expect((await write(ann, 'Hi')).status).toBe(202);
    await control(ann, 'hand-back');
    expect((await write(ann, 'one more thing')).status).toBe(409);
    expect((await told()).filter((text) => text === 'Hi' || text.startsWith('one more'))).toEqual(['Hi']);
  });

  it('closes the conversation where the agent says so', async () => {
    await say('a person');
    await control(ann, 'take');
    expect(await control(ann, 'close')).toMatchObject({ status: 200, body: { act: 'close' } });
    await expect.poll(async () => (await history()).at(-1)?.type).toBe('session.closed');
    await expect.poll(async () => (await queue()).taken).toEqual([]);
  });

  it('is repeated with its key, and refused with another body', async () => {
    await say('a person');
    const key = { 'idempotency-key': 'k-1' };
    const first = await control(ann, 'take', {}, key);
    const again = await control(ann, 'take', {}, key);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const said = await write(ann, 'Hi', {}, { 'idempotency-key': 'k-2' });
    expect((await write(ann, 'Hi', {}, { 'idempotency-key': 'k-2' })).body).toEqual(said.body);
    expect((await write(ann, 'Ho', {}, { 'idempotency-key': 'k-2' })).status).toBe(422);
    expect((await told()).filter((text) => text === 'Hi')).toHaveLength(1);
  });

  it('shows each agent what is for him, the most urgent first', async () => {
    await say('refund');
    await say('500');
    const urgent = session;
    session = '' as SessionId;
    await say('a person');
    await expect.poll(async () => (await queue(ann)).waiting.map((w) => w.session)).toEqual([urgent, session]);
    expect(await queue(ann)).toMatchObject({ agent: { name: 'ann', skills: ['refunds', 'orders'] }, total: 2 });
    expect((await queue(ben)).waiting).toEqual([]);
    expect((await queue(customer, '/v1/desk/queue?skills=orders')).waiting).toMatchObject([{ session }]);
    const rival = (await desk.gateway()).client(RIVAL);
    expect((await queue(rival)).waiting).toEqual([]);
    await customer.post(`/v1/sessions/${urgent}/events`, closing);
    await expect.poll(async () => (await queue(ann)).waiting.map((w) => w.session)).toEqual([session]);
  });

  it('is seen live, and after a break as it is then', async () => {
    const open = async () => {
      const headers = { authorization: `Bearer ${ACME}`, accept: 'text/event-stream' };
      const { body } = await fetch(`${url}/v1/desk/queue`, { headers });
      if (!body) throw new Error('no stream');
      return readSse(body);
    };
    const seen = (stream: ReturnType<typeof readSse>) =>
      (stream.events.at(-1)?.data as unknown as Queue | undefined)?.waiting.map((w) => w.session);
    const first = await open();
    await expect.poll(() => seen(first)).toEqual([]);
    await say('a person');
    await expect.poll(() => seen(first)).toEqual([session]);
    await first.cancel();
    await control(ann, 'take');
    const second = await open();
    await expect.poll(() => seen(second)).toEqual([]);
    await control(ann, 'hand-back');
    await say('a person');
    await expect.poll(() => seen(second)).toEqual([session]);
    await second.cancel();
  });
});

describe('a customer to whom nobody comes', () => {
  afterEach(() => desk.stop());

  it.each([
    [
      'a person',
      'I am sorry, nobody is free at the moment. I have written a ticket, and a colleague will come back to you.',
    ],
    ['人工', '抱歉，目前没有空闲的客服。我已经为您登记，同事会尽快联系您。'],
  ])('is told so, has the bot again, and a ticket is in the log (%s)', async (text, sorry) => {
    await begin('1s');
    await desk.functions();
    await say(text);
    await expect.poll(async () => (await told()).at(-1), LIMIT).toBe(sorry);
    await expect
      .poll(async () => (await history()).at(-1))
      .toMatchObject({
        type: 'ticket.written',
        emitter: 'reply',
        data: { reason: 'nobody took over in time', skill: 'orders' },
      });
    await expect.poll(waiting).toEqual([]);
    expect((await control(ann, 'hand-back')).status).toBe(409);
    expect(await say('hello')).toMatchObject({ ending: 'replied' });
  });

  it('is in the queue whatever died when it was written down, and never after he has left it', async () => {
    await begin('10m');
    // Dies before anything of the decision is carried out, as often as it is tried.
    let calls = 0;
    const broken = await desk.functions({
      tellDesk: () => {
        calls += 1;
        return new Promise(() => undefined);
      },
    });
    await customer.post('/v1/chat', { sessionId: 'bob', query: 'a person' }, { prefer: 'wait=0' }).then(({ body }) => {
      session = body.session;
    });
    await expect.poll(() => calls).toBeGreaterThan(0);
    const stopping = broken.stop();
    await desk.functions();
    await stopping;
    await expect.poll(waiting, { timeout: 15_000 }).toHaveLength(1);
    const hand = (await readSession(desk.log, ref())).find(({ envelope }) => envelope.type === 'policy.decided');
    const [noted] = await desk.book.read(acme);
    expect(noted?.note.position).toBe(hand?.position);
    await control(ann, 'take');
    await control(ann, 'hand-back');
    await expect.poll(async () => (await queue()).taken).toEqual([]);
    // The first decision is carried out once more, late.
    if (noted) await desk.book.note(ref(), noted.note);
    expect(await waiting()).toEqual([]);
  }, 30_000);
});
