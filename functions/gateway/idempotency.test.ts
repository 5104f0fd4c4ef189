import { describe, expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { clientIn, memoryGateway, RIVAL, type Client } from './gateway.fixture.ts';

const KEY = { 'idempotency-key': '"order-17"' };
const opened = async (client: Client) => (await client.post('/v1/sessions', {})).body.session;
const utterances = (gateway: ReturnType<typeof memoryGateway>) =>
  gateway.log.all.filter(({ envelope }) => envelope.type === 'utterance.received').length;

describe('a repeated key', () => {
  it('is one event and gets the same answer', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const path = `/v1/sessions/${await opened(client)}/events`;
    const first = await client.post(path, { text: 'hello' }, KEY);
    const second = await client.post(path, { text: 'hello' }, KEY);
    expect(first.status).toBe(202);
    expect(second).toMatchObject({ status: 202, body: first.body });
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.headers.get('idempotency-key-policy')).toBe('"session";q=128, "time";w=60');
    expect(utterances(gateway)).toBe(1);
  });

  it('is the same with and without its quotes', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const path = `/v1/sessions/${await opened(client)}/events`;
    const first = await client.post(path, { text: 'hello' }, KEY);
    const second = await client.post(path, { text: 'hello' }, { 'idempotency-key': 'order-17' });
    expect(second.body).toEqual(first.body);
  });

  it('with another body is refused, and changes nothing', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const path = `/v1/sessions/${await opened(client)}/events`;
    await client.post(path, { text: 'hello', locale: 'en' }, KEY);
    const before = gateway.log.all.length;
    for (const body of [
      { text: 'bye', locale: 'en' },
      { text: 'hello', locale: 'zh' },
      { text: 'hello', locale: 'en', payload: '/greet' },
      { type: 'control.requested', data: { command: 'take', agent: 'ann' } },
    ]) {
      const refused = await client.post(path, body, KEY);
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ field: 'Idempotency-Key' }] } });
    }
    await expect.poll(() => gateway.log.all.length).toBeGreaterThanOrEqual(before);
    expect(utterances(gateway)).toBe(1);
  });

  it('gets the same reply at once, by chat', async () => {
    // Nobody looks by itself: the reply is found because the key was known.
    const gateway = memoryGateway({ limits: { lookMs: 60_000 } });
    const client = clientIn(gateway);
    const ask = () => client.post('/v1/chat', { sessionId: 'bob', query: 'hello' }, KEY);
    const [first, second] = [await ask(), await ask()];
    expect(second.body).toEqual(first.body);
    const [third, fourth] = await Promise.all([ask(), ask()]);
    expect([third.body, fourth.body]).toEqual([first.body, first.body]);
    expect(utterances(gateway)).toBe(1);
  });

  it('opens a session once', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const [first, second] = await Promise.all([
      client.post('/v1/sessions', { locale: 'en' }, KEY),
      client.post('/v1/sessions', { locale: 'en' }, KEY),
    ]);
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(gateway.log.all).toHaveLength(1);
    expect((await client.post('/v1/sessions', { locale: 'zh' }, KEY)).status).toBe(422);
  });

  it('opens a session once, by chat without a name', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const first = await client.post('/v1/chat', { query: 'hello' }, KEY);
    const second = await client.post('/v1/chat', { query: 'hello' }, KEY);
    expect(second.body).toEqual(first.body);
    expect(utterances(gateway)).toBe(1);
  });

  it('is honoured long after the store has forgotten it', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const first = await client.post('/v1/chat', { sessionId: 'bob', query: 'hello' }, KEY);
    for (let i = 0; i < 5; i++) await client.post('/v1/chat', { sessionId: 'bob', query: 'where is my parcel' });
    gateway.log.forgetIds();
    const second = await client.post('/v1/chat', { sessionId: 'bob', query: 'hello' }, KEY);
    expect(second).toMatchObject({ status: 200, body: first.body });
    expect((await client.post('/v1/chat', { sessionId: 'bob', query: 'bye' }, KEY)).status).toBe(422);
    expect(utterances(gateway)).toBe(6);
  });

  it('of a command is honoured long after the store has forgotten it', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const path = `/v1/sessions/${await opened(client)}/events`;
    const take = { type: 'control.requested', data: { command: 'take', agent: 'ann' } };
    const first = await client.post(path, take, KEY);
    gateway.log.forgetIds();
    expect((await client.post(path, take, KEY)).body).toEqual(first.body);
  });

  it('is neither lost nor falsely confirmed after a purge', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const session = await opened(client);
    const ref = { tenant: 'acme' as TenantId, session };
    const path = `/v1/sessions/${session}/events`;
    const { body } = await client.post(path, { text: 'hello' }, KEY);
    await expect.poll(() => gateway.log.all.at(-1)?.envelope.type).toBe('turn.replied');
    await client.post(path, { text: 'hello again' });
    await expect.poll(() => gateway.log.all.filter((s) => s.envelope.type === 'turn.replied').length).toBe(2);
    await gateway.log.purge(ref, body.position);
    expect((await client.post(path, { text: 'hello' }, KEY)).status).toBe(410);
    gateway.log.forgetIds();
    expect((await client.post(path, { text: 'hello' }, KEY)).status).toBe(410);
    await gateway.log.purge(ref, 1_000);
    expect((await client.post(path, { text: 'hello' }, KEY)).status).toBe(404);
  });

  it('from two tenants, or in two sessions, is two events', async () => {
    const gateway = memoryGateway();
    for (const client of [clientIn(gateway), clientIn(gateway, RIVAL)]) {
      for (const sessionId of ['one', 'two']) {
        const { status, headers } = await client.post('/v1/chat', { sessionId, query: 'hello' }, KEY);
        expect({ status, replayed: headers.get('idempotency-replayed') }).toEqual({ status: 200, replayed: null });
      }
    }
    expect(utterances(gateway)).toBe(4);
  });
});

describe('a CloudEvent', () => {
  const binary = (id: string) => ({
    'ce-specversion': '1.0',
    'ce-id': id,
    'ce-source': '/channels/web',
    'ce-type': 'utterance.received',
  });
  const structured = (id: string, over = {}) =>
    JSON.stringify({
      specversion: '1.0',
      id,
      source: '/channels/web',
      type: 'utterance.received',
      data: { text: 'hello' },
      ...over,
    });
  const asStructured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };

  it('is one event, however often and in whichever mode it comes', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const path = `/v1/sessions/${await opened(client)}/events`;
    const first = await client.post(path, { text: 'hello' }, binary('m-1'));
    const second = await client.post(path, { text: 'hello' }, binary('m-1'));
    const third = await client.post(path, structured('m-1'), asStructured);
    expect([second.body, third.body]).toEqual([first.body, first.body]);
    const other = await client.post(path, structured('m-2'), asStructured);
    expect(other.body.id).not.toBe(first.body.id);
    const elsewhere = await client.post(path, structured('m-1', { source: '/channels/app' }), asStructured);
    expect(elsewhere.body.id).not.toBe(first.body.id);
    expect(utterances(gateway)).toBe(3);
  });

  it('may carry attributes of its channel, and does not choose its place', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const session = await opened(client);
    const path = `/v1/sessions/${session}/events`;
    const good = structured('m-1', { subject: session, time: '2001-01-01T00:00:00Z', knativearrivaltime: 'x' });
    expect((await client.post(path, good, asStructured)).status).toBe(202);
    const event = gateway.log.all.find(({ envelope }) => envelope.type === 'utterance.received')?.envelope;
    expect(event).toMatchObject({ tenant: 'acme', session, turn: event?.id, emitter: 'gateway' });
    expect(event?.time.startsWith('2001')).toBe(false);
    for (const name of ['tenant', 'turn', 'causation', 'basis', 'previous', 'revision', 'emitter', 'session']) {
      const inBody = await client.post(path, structured('m-2', { [name]: 'x' }), asStructured);
      expect(inBody).toMatchObject({ status: 400, body: { errors: [{ field: name }] } });
      const inHeader = await client.post(path, { text: 'hello' }, { ...binary('m-2'), [`ce-${name}`]: 'x' });
      expect(inHeader).toMatchObject({ status: 400, body: { errors: [{ field: `ce-${name}` }] } });
    }
  });

  it.each([
    ['another version', structured('m', { specversion: '0.3' }), 'specversion'],
    ['no source', structured('m', { source: undefined }), 'source'],
    ['an empty id', structured(''), 'id'],
    ['the subject of another session', structured('m', { subject: 'other' }), 'subject'],
    ['a type of our own', structured('m', { type: 'turn.replied' }), 'type'],
    ['bytes', structured('m', { data_base64: 'aGVsbG8=' }), 'data_base64'],
    ['data of another kind', structured('m', { datacontenttype: 'text/plain' }), 'datacontenttype'],
    ['wrong data', structured('m', { data: { text: '' } }), 'data.text'],
  ])('with %s is refused', async (_what, body, field) => {
    const client = clientIn(memoryGateway());
    const path = `/v1/sessions/${await opened(client)}/events`;
    const refused = await client.post(path, body, asStructured);
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it('in a batch is refused', async () => {
    const client = clientIn(memoryGateway());
    const path = `/v1/sessions/${await opened(client)}/events`;
    const batch = { 'content-type': 'application/cloudevents-batch+json' };
    expect((await client.post(path, `[${structured('m')}]`, batch)).status).toBe(415);
  });
});
