import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ANN, deskBot, startDesk, tokenOf, type DeskPlatform } from './desk.fixture.ts';
import type { Queue } from './desk/queue.ts';
import { RIVAL, type Client } from './gateway.fixture.ts';

let desk: DeskPlatform;
let customer: Client;
let ann: Client;
let session: string;

const say = async (text: string) => {
  const { body } = await customer.post('/v1/chat', { ...(session && { sessionId: session }), query: text });
  session = body.session;
};
const control = (who: Client, command: string, more = {}) =>
  who.post(`/v1/sessions/${session}/control`, { command, ...more });
const write = (who: Client, text: string, more = {}) =>
  who.post(`/v1/sessions/${session}/agent-messages`, { text, ...more });
const waiting = async () => {
  const { body } = await customer.get('/v1/desk/queue');
  return (body as unknown as Queue).waiting.filter((w) => w.session === session);
};

beforeAll(async () => {
  desk = await startDesk(deskBot('10m'));
  await desk.functions();
  const gateway = await desk.gateway();
  [customer, ann] = [gateway.client(), gateway.client(ANN)];
});
afterAll(() => desk.stop());
beforeEach(() => {
  session = '';
});

describe('a conversation at the desk', () => {
  it('keeps the session of another tenant to itself', async () => {
    await say('a person');
    const rival = (await desk.gateway()).client(RIVAL);
    expect((await control(rival, 'take', { agent: 'ann' })).status).toBe(404);
    expect((await write(rival, 'Hi', { agent: 'ann' })).status).toBe(404);
    expect(await waiting()).toHaveLength(1);
  });

  it('gives agents the desk, and nothing else', async () => {
    await say('a person');
    expect((await ann.post('/v1/chat', { query: 'hello' })).status).toBe(403);
    expect((await ann.post(`/v1/sessions/${session}/events`, { text: 'hello' })).status).toBe(403);
    expect((await ann.get(`/v1/sessions/${session}/events`)).status).toBe(200);
    expect((await control(ann, 'take', { agent: 'ben' })).status).toBe(403);
    expect((await control(customer, 'take')).status).toBe(400);
  });

  it('is seen by the customer, without the name of the account', async () => {
    const gateway = await desk.gateway();
    const user = gateway.client(await tokenOf({ sub: 'bob' }));
    session = (await user.post('/v1/chat', { query: 'a person' })).body.session;
    const cas = gateway.client(await tokenOf({ sub: 'u-17', role: 'agent', name: 'cas' }));
    expect(await control(cas, 'take')).toMatchObject({ status: 200 });
    expect(await write(cas, 'Hello Bob')).toMatchObject({ status: 202 });
    const { events } = (await user.get(`/v1/sessions/${session}/events`)).body;
    expect(events.at(-1)).toMatchObject({ type: 'agent.replied' });
    expect(events.at(-1)?.data).toEqual({ messages: [{ text: 'Hello Bob', buttons: [] }] });
    expect(JSON.stringify(events)).not.toContain('cas');
    expect((await control(user, 'take', { agent: 'bob' })).status).toBe(403);
    expect((await write(user, 'Hi', { agent: 'cas' })).status).toBe(403);
    expect((await user.get('/v1/desk/queue')).status).toBe(403);
  });

  it.each([
    ['nothing', { text: '  ' }],
    ['too much', { text: 'x'.repeat(10_001) }],
    ['what has no text', {}],
    ['too many buttons', { text: 'x', buttons: Array(11).fill({ title: 'a', payload: 'b' }) }],
    ['what is not known', { text: 'x', html: '<b>' }],
  ])('says %s to nobody', async (_what, body) => {
    await say('a person');
    await control(ann, 'take');
    expect((await ann.post(`/v1/sessions/${session}/agent-messages`, body)).status).toBe(400);
  });
});
