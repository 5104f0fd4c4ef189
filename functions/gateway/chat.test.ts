import { describe, expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { memoryLog } from '../../shared/log/memory.ts';
import { typesOf } from '../../shared/testing/rig.ts';
import { clientIn, functionsOn, gatewayOn, memoryGateway, RIVAL } from './gateway.fixture.ts';

const acme = 'acme' as TenantId;

describe('POST /v1/chat', () => {
  it('answers in the response, and goes on in the same session', async () => {
    const client = clientIn(memoryGateway());
    const first = await client.post('/v1/chat', { query: 'where is my parcel' });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      ending: 'replied',
      reply: { text: 'What is your order number?', messages: [{ text: 'What is your order number?', buttons: [] }] },
      locale: 'en',
    });
    const second = await client.post('/v1/chat', { sessionId: first.body.sessionId, query: 'TS12345678' });
    expect(second.body).toMatchObject({
      sessionId: first.body.sessionId,
      reply: { text: 'Parcel TS12345678 is on its way.' },
    });
    expect(second.body.position).toBeGreaterThan(first.body.position);
  });

  it("takes the client's own name for a conversation", async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const name = 'Kunde № 7 / 顾客';
    const first = await client.post('/v1/chat', { sessionId: name, query: 'where is my parcel' });
    const second = await client.post('/v1/chat', { sessionId: name, query: 'TS12345678' });
    expect(second.body).toMatchObject({ sessionId: name, session: first.body.session, reply: { text: /TS12345678/u } });
    expect(JSON.stringify(gateway.log.all)).not.toContain('Kunde');
    const elsewhere = await clientIn(gateway, RIVAL).post('/v1/chat', { sessionId: name, query: 'hello' });
    expect(elsewhere.body.session).not.toBe(first.body.session);
  });

  it('names the same session from every process', async () => {
    const one = memoryGateway();
    const other = gatewayOn(one.log);
    const first = await clientIn(one).post('/v1/chat', { sessionId: 'bob', query: 'where is my parcel' });
    const second = await clientIn(other).post('/v1/chat', { sessionId: 'bob', query: 'TS12345678' });
    expect(second.body).toMatchObject({
      session: first.body.session,
      reply: { text: 'Parcel TS12345678 is on its way.' },
    });
  });

  it('follows a customer who changes the language, and writes down which it is', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const says = [
      ['where is my parcel', 'en'],
      ['我的包裹在哪里', 'zh'],
      ['😀👍', 'zh'],
      ['13800138000', 'zh'],
      ['I would rather go on in English', 'en'],
      ['what does 退款 mean', 'en'],
      ['42', 'en'],
    ] as const;
    for (const [query, locale] of says) {
      const { body } = await client.post('/v1/chat', { sessionId: 'bob', query });
      expect(body, query).toMatchObject({ locale });
    }
    const heard = gateway.log.all.filter(({ envelope }) => envelope.type === 'utterance.received');
    expect(heard.map(({ envelope }) => (envelope.data as { locale: string }).locale)).toEqual(says.map(([, it]) => it));
  });

  it('hands over to a person, and is then answered by nobody', async () => {
    const client = clientIn(memoryGateway());
    const first = await client.post('/v1/chat', { sessionId: 'bob', query: 'human' });
    expect(first.body).toMatchObject({ ending: 'handed-off', reply: { text: 'A colleague takes over.' } });
    const second = await client.post('/v1/chat', { sessionId: 'bob', query: 'hello' });
    expect(second.body).toMatchObject({ ending: 'handed-off', reply: { text: '', messages: [] } });
  });

  it('resumes a closed conversation by its name, and refuses it by its id', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const { body } = await client.post('/v1/chat', { sessionId: 'bob', query: 'bye' });
    const again = await client.post('/v1/chat', { sessionId: 'bob', query: 'hello' });
    expect(again.body).toMatchObject({ ending: 'replied', session: body.session, reply: { text: 'Hello!' } });
    expect(await typesOf(gateway.log, { tenant: acme, session: body.session })).toContain('session.resumed');

    const byId = await client.post('/v1/chat', { query: 'bye' });
    const refused = await client.post('/v1/chat', { sessionId: byId.body.sessionId, query: 'hello' });
    expect(refused).toMatchObject({ status: 409, body: { errors: [{ field: 'session', message: 'is closed' }] } });
  });

  it('resumes a conversation that is being closed in this very moment', async () => {
    const log = memoryLog();
    const closing = Promise.withResolvers<undefined>();
    functionsOn({
      ...log,
      append: async (event, previous) => {
        if (event.type === 'session.closed') await closing.promise;
        return log.append(event, previous);
      },
    });
    const client = clientIn(gatewayOn(log));
    await client.post('/v1/chat', { sessionId: 'bob', query: 'bye' });
    const answer = client.post('/v1/chat', { sessionId: 'bob', query: 'hello' });
    await expect.poll(() => log.all.at(-1)?.envelope.type).toBe('utterance.received');
    closing.resolve(undefined);
    expect((await answer).body).toMatchObject({ ending: 'replied', reply: { text: 'Hello!' } });
  });

  it('stores nothing in a session that another process has closed', async () => {
    const log = memoryLog();
    functionsOn(log);
    const deaf = gatewayOn({ ...log, follow: () => ({ stop: () => undefined }) }, { limits: { lookMs: 20 } });
    const { session } = (await clientIn(deaf).post('/v1/chat', { query: 'hello' })).body;
    await clientIn(gatewayOn(log)).post('/v1/chat', { sessionId: session, query: 'bye' });
    await expect.poll(() => log.all.at(-1)?.envelope.type).toBe('session.closed');
    const before = log.all.length;
    expect((await clientIn(deaf).post('/v1/chat', { sessionId: session, query: 'hello' })).status).toBe(409);
    expect(log.all).toHaveLength(before);
  });

  it('answers 202 with a place to ask when it takes longer', async () => {
    const log = memoryLog();
    const client = clientIn(gatewayOn(log));
    const { status, headers, body } = await client.post('/v1/chat', { query: 'hello' }, { prefer: 'wait=0' });
    expect(status).toBe(202);
    expect(headers.get('preference-applied')).toBe('wait=0');
    const location = headers.get('location') ?? '';
    expect(location).toBe(`/v1/sessions/${body.session}/turns/${body.turn}?after=${body.position}`);
    expect(await client.get(location)).toMatchObject({ status: 202, body: { status: 'pending', turn: body.turn } });
  });

  it('tells later how a turn ended', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const { headers, body } = await client.post('/v1/chat', { query: 'hello' }, { prefer: 'wait=0' });
    const location = headers.get('location') ?? '';
    await expect.poll(() => client.get(location).then((r) => r.status)).toBe(200);
    expect((await client.get(location)).body).toMatchObject({
      turn: body.turn,
      ending: 'replied',
      reply: { text: 'Hello!' },
    });
    expect((await client.get(location.replace(/\?.*/u, ''))).body).toMatchObject({ ending: 'replied' });
  });

  it('speaks the language of the customer', async () => {
    const client = clientIn(memoryGateway());
    const answer = async (query: string, more = {}) =>
      (await client.post('/v1/chat', { sessionId: 'bob', query, ...more })).body.reply.text;
    expect(await answer('my parcel')).toBe('What is your order number?');
    const zh = '您好！\n我们回到刚才的问题。\n请问您的订单号是多少？';
    expect(await answer('hello 您好')).toBe(zh);
    expect(await answer('hello', { locale: 'zh' })).toBe(zh);
    expect(await answer('hello')).toBe('Hello!\nNow, let us get back to where we were.\nWhat is your order number?');
  });

  it('gives each of several messages at once its own reply, in the order of the log', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const ask = (i: number) => client.post('/v1/chat', { sessionId: 'bob', query: `hello ${i}` });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(i)));
    expect(answers.map((a) => a.body.ending)).toEqual(Array(20).fill('replied'));
    const ref = { tenant: acme, session: answers[0]?.body.session };
    const turnsIn = (type: string) =>
      gateway.log.all
        .filter(({ envelope: e }) => e.session === ref.session && e.type === type)
        .map(({ envelope }) => envelope.turn);
    expect(turnsIn('policy.decided')).toEqual(turnsIn('utterance.received'));
  });
});

describe('other channels', () => {
  it('POST /chat answers with the answer and where it stands', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    await client.post('/chat', { user_id: 'u-1', query: 'where is my parcel' });
    const { status, body } = await client.post('/chat', { user_id: 'u-1', query: 'TS12345678' });
    expect(status).toBe(200);
    expect(body).toEqual({ answer: 'Parcel TS12345678 is on its way.', seq: gateway.log.all.at(-1)?.position });
  });

  it("POST /webhooks/rest/webhook answers as Rasa's REST channel does", async () => {
    const client = clientIn(memoryGateway());
    const { status, body } = await client.post('/webhooks/rest/webhook', { sender: 'u-1', message: 'hello' });
    expect({ status, body }).toEqual({ status: 200, body: [{ recipient_id: 'u-1', text: 'Hello!' }] });
  });

  it('keep their users apart', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    await client.post('/chat', { user_id: 'x', query: 'hello' });
    await client.post('/webhooks/rest/webhook', { sender: 'x', message: 'hello' });
    await client.post('/v1/chat', { sessionId: 'x', query: 'hello' });
    expect(new Set(gateway.log.all.map(({ envelope }) => envelope.session)).size).toBe(3);
    expect(JSON.stringify(gateway.log.all)).not.toContain('"x"');
  });

  it('answer 202 when it takes longer', async () => {
    const client = clientIn(gatewayOn(memoryLog()));
    const chat = await client.post('/chat', { user_id: 'u', query: 'hello' }, { prefer: 'wait=0' });
    expect(chat).toMatchObject({ status: 202, body: { answer: null } });
    const rest = await client.post('/webhooks/rest/webhook', { sender: 'u', message: 'hello' }, { prefer: 'wait=0' });
    expect(rest).toMatchObject({ status: 202, body: [] });
    expect(rest.headers.get('location')).toMatch(/^\/v1\/sessions\//u);
  });
});
