import { beforeAll, describe, expect, it, vi } from 'vitest';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { hashOfKey } from '../../shared/tenancy/api-key.ts';
import { AUDIENCE, ISSUER, NOW, testIssuer, type TestIssuer } from '../../shared/tenancy/tokens.fixture.ts';
import { tokensOf } from '../../shared/tenancy/tokens.ts';
import { memoryLog } from '../../shared/log/memory.ts';
import { ACME, clientIn, gatewayOn, memoryGateway, RIVAL, type Client } from './gateway.fixture.ts';
import { readSse } from './sse.fixture.ts';

const CANARY = 'canary-7f3a91';
const UNKNOWN = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

let issuer: TestIssuer;
let gateway: ReturnType<typeof memoryGateway>;
let acme: Client;

beforeAll(async () => {
  issuer = await testIssuer();
  const tenants = readTenants({
    tenants: {
      acme: {
        bot: 'test-bot',
        keys: [hashOfKey(ACME)],
        jwt: { issuer: ISSUER, audience: AUDIENCE, algorithms: ['ES256'], keys: [issuer.publicJwk] },
      },
      rival: { bot: 'test-bot', keys: [hashOfKey(RIVAL)] },
    },
  });
  const tokens = await tokensOf(tenants, { secret: () => undefined, now: () => NOW });
  gateway = memoryGateway({ tenants, tokens });
  acme = clientIn(gateway);
});

/** Every way to say something about a session: what an outsider gets for it is what they get for one that is not. */
const routes: readonly (readonly [string, (c: Client, session: string, turn: string) => ReturnType<Client['get']>])[] =
  [
    ['reads', (c, s) => c.get(`/v1/sessions/${s}/events`)],
    ['reads from the middle of', (c, s) => c.get(`/v1/sessions/${s}/events?after=1&types=utterance.received`)],
    ['streams', (c, s) => c.get(`/v1/sessions/${s}/events`, { accept: 'text/event-stream' })],
    [
      'resumes the stream of',
      (c, s) => c.get(`/v1/sessions/${s}/events`, { accept: 'text/event-stream', 'last-event-id': '1' }),
    ],
    ['posts to', (c, s) => c.post(`/v1/sessions/${s}/events`, { text: 'hello' })],
    ['posts with a key to', (c, s) => c.post(`/v1/sessions/${s}/events`, { text: CANARY }, { 'idempotency-key': 'k' })],
    [
      'posts a CloudEvent to',
      (c, s) =>
        c.post(
          `/v1/sessions/${s}/events`,
          { text: 'hello' },
          {
            'ce-specversion': '1.0',
            'ce-id': '1',
            'ce-source': 's',
            'ce-type': 'utterance.received',
            'ce-subject': s,
          },
        ),
    ],
    [
      'takes over',
      (c, s) =>
        c.post(`/v1/sessions/${s}/events`, { type: 'control.requested', data: { command: 'close', agent: 'x' } }),
    ],
    ['asks about a turn of', (c, s, turn) => c.get(`/v1/sessions/${s}/turns/${turn}`)],
    ['chats in', (c, s) => c.post('/v1/chat', { sessionId: s, query: 'hello' })],
  ];

describe('a tenant', () => {
  it.each(routes)('%s nothing of another one', async (_verb, ask) => {
    const { body } = await acme.post('/v1/chat', { query: CANARY });
    const ofAcme = () => gateway.log.all.filter(({ envelope }) => envelope.tenant === 'acme').length;
    const before = ofAcme();
    const rival = clientIn(gateway, RIVAL);
    const answer = await ask(rival, body.session, body.turn);
    const forNone = await ask(rival, UNKNOWN, UNKNOWN);
    expect(answer.status).toBe(404);
    expect(answer).toEqual({ ...forNone, headers: expect.anything() as Headers });
    expect([...answer.headers]).toEqual([...forNone.headers]);
    expect(ofAcme()).toBe(before);
  });

  it('finds nothing of another one under the same names', async () => {
    const rival = clientIn(gateway, RIVAL);
    for (const [path, body] of [
      ['/v1/chat', { sessionId: 'same', query: 'my parcel' }],
      ['/chat', { user_id: 'same', query: 'my parcel' }],
      ['/webhooks/rest/webhook', { sender: 'same', message: 'my parcel' }],
    ] as const) {
      await acme.post(path, { ...body });
      const answer = await rival.post(path, JSON.parse(JSON.stringify(body).replace('my parcel', 'TS12345678')));
      // A rival who had the question of acme's customer open would get an answer about the parcel.
      expect(JSON.stringify(answer.body)).not.toContain('on its way');
    }
  });

  it('hears nothing of another one in its streams', async () => {
    const mine = (await clientIn(gateway, RIVAL).post('/v1/sessions', {})).body.session;
    const response = await gateway.app.request(`/v1/sessions/${mine}/events`, {
      headers: { authorization: `Bearer ${RIVAL}`, accept: 'text/event-stream' },
    });
    if (!response.body) throw new Error('no stream');
    const sse = readSse(response.body);
    await acme.post('/v1/chat', { query: CANARY });
    await clientIn(gateway, RIVAL).post('/v1/chat', { sessionId: mine, query: 'hello' });
    await vi.waitFor(() => {
      expect(sse.events.at(-1)?.data['type']).toBe('turn.replied');
    });
    expect(sse.text).not.toContain(CANARY);
    await sse.cancel();
  });
});

describe('a user', () => {
  const userOf = async (sub: string) => clientIn(gateway, await issuer.token({ sub }));

  it('talks under names of their own', async () => {
    const [ann, bob] = [await userOf('ann'), await userOf('bob')];
    const first = await ann.post('/v1/chat', { sessionId: 'main', query: 'my parcel' });
    const other = await bob.post('/v1/chat', { sessionId: 'main', query: 'TS12345678' });
    expect(other.body.session).not.toBe(first.body.session);
    const second = await ann.post('/v1/chat', { sessionId: 'main', query: 'TS12345678' });
    expect(second.body).toMatchObject({
      session: first.body.session,
      reply: { text: 'Parcel TS12345678 is on its way.' },
    });
  });

  it('may go on in a session that the platform named', async () => {
    const ann = await userOf('ann');
    const opened = await ann.post('/v1/sessions', {});
    expect(opened.status).toBe(201);
    expect((await ann.post('/v1/chat', { sessionId: opened.body.session, query: 'hello' })).body.session).toBe(
      opened.body.session,
    );
    const fresh = await ann.post('/v1/chat', { query: 'my parcel' });
    const next = await ann.post('/v1/chat', { sessionId: fresh.body.sessionId, query: 'TS12345678' });
    expect(next.body.reply.text).toBe('Parcel TS12345678 is on its way.');
  });

  it.each(routes.filter(([verb]) => verb !== 'takes over' && verb !== 'chats in'))(
    '%s nothing of another one',
    async (_verb, ask) => {
      const [ann, bob] = [await userOf('ann'), await userOf('bob')];
      const { body } = await ann.post('/v1/chat', { query: CANARY });
      const own = (await acme.post('/v1/chat', { query: CANARY })).body;
      for (const { session, turn } of [body, own]) {
        const answer = await ask(bob, session, turn);
        expect(answer).toMatchObject({ status: 404, body: { errors: [{ field: 'session' }] } });
        expect(JSON.stringify(answer.body)).not.toContain(CANARY);
      }
    },
  );

  it("does not join another one's session by chat", async () => {
    const [ann, bob] = [await userOf('ann'), await userOf('bob')];
    const { body } = await ann.post('/v1/chat', { query: CANARY });
    const answer = await bob.post('/v1/chat', { sessionId: body.session, query: 'hello' });
    expect(answer.body.session).not.toBe(body.session);
    const ofTenant = (await acme.post('/v1/chat', { query: CANARY })).body.session;
    expect((await bob.post('/v1/chat', { sessionId: ofTenant, query: 'hello' })).status).toBe(404);
  });

  it('may not command, not even in their own session', async () => {
    const ann = await userOf('ann');
    const { body } = await ann.post('/v1/sessions', {});
    const command = { type: 'control.requested', data: { command: 'close', agent: 'ann' } };
    const refused = await ann.post(`/v1/sessions/${body.session}/events`, command);
    expect(refused).toMatchObject({ status: 403, body: { errors: [{ field: 'type' }] } });
  });

  it('sees what a customer may see, and the tenant everything but states', async () => {
    const ann = await userOf('ann');
    const { body } = await ann.post('/v1/chat', { query: 'hello' });
    const path = `/v1/sessions/${body.session}/events`;
    const seen = (await ann.get(path)).body.events;
    expect(seen.map(({ type }) => type)).toEqual(['session.opened', 'utterance.received', 'turn.replied']);
    expect(seen[1]?.data).toEqual({ text: 'hello', locale: 'en' });
    expect(seen.flatMap((event) => Object.keys(event))).not.toContain('causation');
    const all = (await acme.get(path)).body.events;
    expect(all.map(({ type }) => type)).toContain('policy.decided');
    const decided = all.find(({ type }) => type === 'policy.decided')?.data;
    expect(decided).toMatchObject({ act: { kind: 'respond' }, why: { rule: 'flow' } });
    expect(decided).not.toHaveProperty('snapshot');
  });
});

describe("a tenant's rush", () => {
  it('uses up its own turns and nobody else’s', async () => {
    const gateway = gatewayOn(memoryLog(), { limits: { turnsInFlight: 5 } });
    const statuses = async (client: Client, count: number) => {
      const ask = () => client.post('/v1/chat', { query: 'hello' }, { prefer: 'wait=0' });
      return (await Promise.all(Array.from({ length: count }, ask))).map(({ status }) => status);
    };
    const rush = await statuses(clientIn(gateway), 20);
    expect(rush.filter((s) => s === 202)).toHaveLength(5);
    expect(rush.filter((s) => s === 429)).toHaveLength(15);
    expect(await statuses(clientIn(gateway, RIVAL), 5)).toEqual(Array(5).fill(202));
  });
});
