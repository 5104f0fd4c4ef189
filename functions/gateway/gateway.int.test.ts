import fc from 'fast-check';
import { jetstreamManager } from '@nats-io/jetstream';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventId, TenantId } from '../../events/envelope.ts';
import { readSession } from '../../shared/log/read.ts';
import { CONVERSATIONS } from '../../shared/log/streams.ts';
import { incoming, newSession, opening } from '../../shared/testing/rig.ts';
import { RIVAL } from './gateway.fixture.ts';
import { startPlatform, type Served, type TestPlatform } from './platform.fixture.ts';
import { readSse } from './sse.fixture.ts';

let platform: TestPlatform;
let one: Served;
let two: Served;

beforeAll(async () => {
  platform = await startPlatform();
  one = await platform.gateway();
  two = await platform.gateway();
});
afterAll(() => platform.stop());

const acme = 'acme' as TenantId;
const eventsOf = (session: string) => readSession(platform.log, { tenant: acme, session: session as never });
const positionsOf = async (session: string) => (await eventsOf(session)).map(({ position }) => position);
const turnsOf = async (session: string, type: string) =>
  (await eventsOf(session)).filter(({ envelope }) => envelope.type === type).map(({ envelope }) => envelope.turn);

describe('a conversation', () => {
  it('goes on at another process of the gateway', async () => {
    const first = await one.client().post('/v1/chat', { sessionId: 'ann', query: 'my parcel' });
    const second = await two.client().post('/v1/chat', { sessionId: 'ann', query: 'TS12345678' });
    expect(second.body).toMatchObject({
      session: first.body.session,
      reply: { text: 'Parcel TS12345678 is on its way.' },
    });
    const third = await one.client().post('/v1/chat', { sessionId: first.body.session, query: 'hello' });
    expect(third.status).toBe(200);
  });

  it('that was closed is resumed by name at another process, and stays closed by id', async () => {
    const { body } = await one.client().post('/v1/chat', { sessionId: 'closing', query: 'bye' });
    const again = await two.client().post('/v1/chat', { sessionId: 'closing', query: 'hello' });
    expect(again.body).toMatchObject({ session: body.session, ending: 'replied', reply: { text: 'Hello!' } });

    const byId = (await one.client().post('/v1/chat', { query: 'bye' })).body.session;
    expect((await two.client().post('/v1/chat', { sessionId: byId, query: 'hello' })).status).toBe(409);
    expect((await one.client().post('/v1/chat', { sessionId: byId, query: 'hello' })).status).toBe(409);
  });

  it('decides 20 messages from 20 connections in the order of the log, each with its own reply', async () => {
    const { session } = (await one.client().post('/v1/sessions', { locale: 'en' })).body;
    const ask = (i: number) =>
      (i % 2 === 0 ? one : two).client().post('/v1/chat', { sessionId: session, query: `hello ${i}` });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(i)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answers.map(({ body }) => body.reply.text)).toEqual(Array(20).fill('Hello!'));
    const said = await turnsOf(session, 'utterance.received');
    expect(new Set(answers.map(({ body }) => body.turn))).toEqual(new Set(said));
    expect(await turnsOf(session, 'policy.decided')).toEqual(said);
    const bases = (await eventsOf(session)).flatMap(({ envelope, previous }) =>
      envelope.basis === undefined ? [] : [{ basis: envelope.basis, previous }],
    );
    expect(bases).toHaveLength(20);
    expect(bases.filter(({ basis, previous }) => basis !== previous)).toEqual([]);
  });

  it('takes 32 undecided turns, and then asks to wait', async () => {
    const { session } = (await one.client().post('/v1/sessions', {})).body;
    const post = (i: number) => one.client().post(`/v1/sessions/${session}/events`, { text: `hello ${i}` });
    const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => post(i)));
    const accepted = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status !== 202 && status !== 429).map(({ body }) => body)).toEqual([]);
    expect(accepted.length).toBeGreaterThanOrEqual(32);
    for (const { headers } of refused) expect(headers.get('retry-after')).toBe('1');
    await expect.poll(() => turnsOf(session, 'turn.replied'), { timeout: 15_000 }).toHaveLength(accepted.length);
  });
});

describe('I9', () => {
  it('a stream is torn anywhere and resumed at any process, without gap or repeat', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ events: fc.integer({ min: 0, max: 7 }), at: fc.constantFrom('one', 'two') }), {
          maxLength: 8,
        }),
        async (tears) => {
          const { session } = (await one.client().post('/v1/sessions', { locale: 'en' })).body;
          const talk = async () => {
            for (let i = 0; i < 5; i++)
              await two.client().post('/v1/chat', { sessionId: session, query: `hello ${i}` });
          };
          const talked = talk();
          const seen: number[] = [];
          for (const { events, at } of tears) {
            const sse = readSse(await (at === 'one' ? one : two).stream(session, seen.at(-1) ?? 0), events);
            await expect
              .poll(() => sse.done || seen.length + sse.events.length >= 26, { interval: 2, timeout: 10_000 })
              .toBe(true);
            seen.push(...sse.events.map(({ id }) => id));
            await sse.cancel();
          }
          const rest = readSse(await one.stream(session, seen.at(-1) ?? 0));
          await talked;
          const all = await positionsOf(session);
          await expect.poll(() => [...seen, ...rest.events.map(({ id }) => id)], { timeout: 10_000 }).toEqual(all);
          await rest.cancel();
        },
      ),
      { numRuns: 12 },
    );
  }, 60_000);
});

describe('a key', () => {
  const key = () => ({ 'idempotency-key': ulid() });

  it('that comes to both processes at once is one event with one answer', async () => {
    const { session } = (await one.client().post('/v1/sessions', {})).body;
    const headers = key();
    const ask = (at: Served) => at.client().post('/v1/chat', { sessionId: session, query: 'hello' }, headers);
    const answers = await Promise.all([ask(one), ask(two), ask(one), ask(two), ask(one)]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await turnsOf(session, 'utterance.received')).toHaveLength(1);
  });

  it('from two tenants is two events', async () => {
    const headers = key();
    const ask = (tenant?: string) =>
      one.client(tenant).post('/v1/chat', { sessionId: 'same', query: 'hello' }, headers);
    const [mine, theirs] = await Promise.all([ask(), ask(RIVAL)]);
    expect([mine.status, theirs.status]).toEqual([200, 200]);
    expect(mine.body.turn).not.toBe(theirs.body.turn);
  });

  it('is honoured after the store has forgotten it, and after a purge neither lost nor falsely confirmed', async () => {
    const jsm = await jetstreamManager(platform.nc);
    const { config } = await jsm.streams.info(CONVERSATIONS);
    await jsm.streams.update(CONVERSATIONS, { ...config, duplicate_window: 100_000_000 });
    const headers = key();
    const client = one.client();
    const { session } = (await client.post('/v1/sessions', {})).body;
    const path = `/v1/sessions/${session}/events`;
    const first = await client.post(path, { text: 'hello' }, headers);
    await expect.poll(() => turnsOf(session, 'turn.replied')).toHaveLength(1);
    await forgotten();

    const again = await two.client().post(path, { text: 'hello' }, headers);
    expect(again).toMatchObject({ status: 202, body: first.body });
    expect((await two.client().post(path, { text: 'bye' }, headers)).status).toBe(422);
    expect(await turnsOf(session, 'utterance.received')).toHaveLength(1);

    await platform.log.purge({ tenant: acme, session }, first.body.position);
    expect((await client.post(path, { text: 'hello' }, headers)).status).toBe(410);
    await jsm.streams.update(CONVERSATIONS, config);
  });

  /** Resolves when ids that the store has seen until now are forgotten. */
  async function forgotten(): Promise<void> {
    const event = { ...incoming(newSession(), opening()), id: ulid() as EventId };
    const marker = await platform.log.append(event, 0);
    if (marker.kind !== 'appended') throw new Error('no marker');
    await expect
      .poll(async () => (await platform.log.append(event, marker.stored.position)).kind, { interval: 50 })
      .toBe('appended');
  }
});

describe('without the log', () => {
  it('nothing is acknowledged, and everything recovers by itself', async () => {
    const headers = { 'idempotency-key': ulid() };
    const { session } = (await one.client().post('/v1/sessions', { locale: 'en' })).body;
    const sse = readSse(await one.stream(session));
    await expect.poll(() => sse.events.length).toBe(1);
    await platform.broker.kill();
    const asks = [
      () => one.client().post('/v1/chat', { sessionId: session, query: 'hello' }, headers),
      () => one.client().post('/v1/chat', { sessionId: 'somebody new', query: 'hello' }),
      () => one.client().post('/v1/sessions', {}),
      () => one.client().post(`/v1/sessions/${session}/events`, { text: 'hello' }),
      () => one.client().get(`/v1/sessions/${session}/events`),
      () => two.client().get(`/v1/sessions/${session}/events`),
    ];
    for (const ask of asks) {
      const { status, headers: answered } = await ask();
      expect([status, answered.get('retry-after'), answered.get('content-type')]).toEqual([
        503,
        '1',
        'application/problem+json',
      ]);
    }
    await platform.broker.restart();
    const recovered = async () =>
      (await one.client().post('/v1/chat', { sessionId: session, query: 'hello' }, headers)).status;
    await expect.poll(recovered, { timeout: 20_000 }).toBe(200);
    // The stream that was open all the time has what was missed, once.
    await expect.poll(() => sse.events.map(({ id }) => id), { timeout: 20_000 }).toEqual(await positionsOf(session));
    expect(await turnsOf(session, 'utterance.received')).toHaveLength(1);
    await sse.cancel();
  }, 60_000);
});

it('tells a tenant nothing of another one', async () => {
  const { session } = (await one.client().post('/v1/chat', { query: 'hello' })).body;
  const rival = two.client(RIVAL);
  const answers = await Promise.all([
    rival.get(`/v1/sessions/${session}/events`),
    rival.get(`/v1/sessions/${session}/events`, { accept: 'text/event-stream' }),
    rival.post(`/v1/sessions/${session}/events`, { text: 'hello' }),
    rival.post('/v1/chat', { sessionId: session, query: 'hello' }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
});
