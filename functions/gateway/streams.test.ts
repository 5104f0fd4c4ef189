import { setImmediate } from 'node:timers/promises';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { memoryLog, type MemoryLog } from '../../shared/log/memory.ts';
import type { Log } from '../../shared/log/log.ts';
import type { Gateway } from './app.ts';
import { ACME, clientIn, functionsOn, gatewayOn, memoryGateway } from './gateway.fixture.ts';
import { readSse } from './sse.fixture.ts';

const stream = async ({ app }: Pick<Gateway, 'app'>, path: string, headers: Record<string, string> = {}) => {
  const accept = { authorization: `Bearer ${ACME}`, accept: 'text/event-stream' };
  const response = await app.request(path, { headers: { ...accept, ...headers } });
  if (response.status !== 200 || !response.body) throw new Error(`no stream: ${response.status}`);
  return response.body;
};
const positionsOf = (log: MemoryLog, session: string) =>
  log.all.filter(({ envelope }) => envelope.session === session).map(({ position }) => position);
const idsOf = (events: readonly { readonly id: number }[]) => events.map(({ id }) => id);

/** A log whose bells are lost: all of them, or those that `keep` does not keep. */
const deaf = (log: Log, keep: () => boolean = () => false): Log => ({
  ...log,
  follow: (match, ring) =>
    log.follow(match, (stored) => {
      if (keep()) ring(stored);
    }),
});

describe('a stream of events', () => {
  it('begins with what has happened and goes on with what happens', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const { session } = (await client.post('/v1/chat', { query: 'my parcel' })).body;
    const sse = readSse(await stream(gateway, `/v1/sessions/${session}/events`));
    await client.post('/v1/chat', { sessionId: session, query: 'TS12345678' });
    await expect.poll(() => idsOf(sse.events)).toEqual(positionsOf(gateway.log, session));
    expect(sse.events.at(-1)?.data).toMatchObject({ type: 'turn.replied', session, position: sse.events.at(-1)?.id });
    expect(sse.text.startsWith(': open\n\n')).toBe(true);
    await sse.cancel();
  });

  it('shows only the types that are wanted', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const { session } = (await client.post('/v1/chat', { query: 'hello' })).body;
    const sse = readSse(await stream(gateway, `/v1/sessions/${session}/events?types=turn.replied,turn.handed-off`));
    await client.post('/v1/chat', { sessionId: session, query: 'human' });
    await expect.poll(() => sse.events.map(({ data }) => data['type'])).toEqual(['turn.replied', 'turn.handed-off']);
    await sse.cancel();
  });

  it('goes on by itself when bells are lost', async () => {
    const log = memoryLog();
    functionsOn(log);
    const gateway = gatewayOn(deaf(log));
    const client = clientIn(gatewayOn(log));
    const { session } = (await client.post('/v1/chat', { query: 'hello' })).body;
    const sse = readSse(await stream(gateway, `/v1/sessions/${session}/events`));
    await client.post('/v1/chat', { sessionId: session, query: 'hello' });
    await expect.poll(() => idsOf(sse.events), { timeout: 5_000 }).toEqual(positionsOf(log, session));
    await sse.cancel();
  });

  it('ends with a word when the gateway closes, and is resumed elsewhere', async () => {
    const log = memoryLog();
    functionsOn(log);
    const [first, second] = [gatewayOn(log), gatewayOn(log)];
    const { session } = (await clientIn(first).post('/v1/chat', { query: 'hello' })).body;
    const before = readSse(await stream(first, `/v1/sessions/${session}/events`));
    await expect.poll(() => before.events.length).toBeGreaterThan(3);
    await first.close();
    await expect.poll(() => before.done).toBe(true);
    expect(before.text.endsWith('retry: 1000\n\n')).toBe(true);
    await clientIn(second).post('/v1/chat', { sessionId: session, query: 'hello' });
    const last = String(before.events.at(-1)?.id);
    const after = readSse(await stream(second, `/v1/sessions/${session}/events`, { 'last-event-id': last }));
    await expect.poll(() => idsOf([...before.events, ...after.events])).toEqual(positionsOf(log, session));
    await after.cancel();
  });

  it('cuts off a reader that does not keep up, who may resume', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const { session } = (await client.post('/v1/sessions', {})).body;
    const body = await stream(gateway, `/v1/sessions/${session}/events?types=utterance.received`);
    const text = 'x'.repeat(10_000);
    for (let i = 0; i < 40; i++) await client.post('/v1/chat', { sessionId: session, query: text });
    // Nobody has read until now: what fits is there, then it ends.
    const late = readSse(body);
    await expect.poll(() => late.done).toBe(true);
    expect(late.events.length).toBeLessThan(40);
    const after = String(late.events.at(-1)?.id ?? 0);
    const again = readSse(
      await stream(gateway, `/v1/sessions/${session}/events?types=utterance.received`, { 'last-event-id': after }),
    );
    await expect.poll(() => late.events.length + again.events.length).toBe(40);
    await again.cancel();
  });

  it('is one of few for each tenant', async () => {
    const gateway = gatewayOn(memoryLog(), { limits: { streams: 2 } });
    const client = clientIn(gateway);
    const { session } = (await client.post('/v1/sessions', {})).body;
    const path = `/v1/sessions/${session}/events`;
    const open = [await stream(gateway, path), await stream(gateway, path)];
    const refused = await client.get(path, { accept: 'text/event-stream' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
    await open[0]?.cancel();
    const again = await stream(gateway, path);
    await again.cancel();
    await open[1]?.cancel();
  });
});

describe('pages of events', () => {
  it('come one after the other, and the last one says so', async () => {
    const gateway = memoryGateway();
    const client = clientIn(gateway);
    const { session } = (await client.post('/v1/chat', { query: 'hello' })).body;
    await client.post('/v1/chat', { sessionId: session, query: 'hello' });
    const positions: number[] = [];
    for (let next: number | null = 0; next !== null;) {
      const { body } = await client.get(`/v1/sessions/${session}/events?after=${next}&limit=4`);
      expect(body.events.length).toBeLessThanOrEqual(4);
      positions.push(...body.events.map(({ position }) => position));
      next = body.next;
    }
    expect(positions).toEqual(positionsOf(gateway.log, session));
  });
});

/**
 * I9: whoever comes back with the id of the last event that they have read gets what follows, without gap or repeat,
 * from any process, whatever bells were lost meanwhile and wherever the stream was torn.
 */
test.prop(
  [
    fc.array(fc.constantFrom('hello', 'my parcel', 'TS12345678', 'mumble'), { minLength: 1, maxLength: 6 }),
    fc.array(fc.record({ events: fc.integer({ min: 1, max: 9 }), process: fc.constantFrom(0, 1) }), { maxLength: 6 }),
    fc.infiniteStream(fc.boolean()),
  ],
  { numRuns: 40, endOnFailure: true },
)('I9: a torn stream is resumed without gap or repeat', async (texts, tears, bells) => {
  const log = memoryLog();
  functionsOn(log);
  const heard = deaf(log, () => bells.next().value as boolean);
  const gateways = [0, 1].map(() => gatewayOn(heard, { limits: { lookMs: 10 } }));
  const client = clientIn(gatewayOn(log));
  const { session } = (await client.post('/v1/sessions', {})).body;
  let talking = true;
  const talk = async () => {
    for (const query of texts) {
      await client.post('/v1/chat', { sessionId: session, query });
      await setImmediate();
    }
    talking = false;
  };
  const talked = talk();

  const seen: number[] = [];
  for (const { events, process } of [...tears, { events: Infinity, process: 0 }]) {
    const [gateway] = gateways.slice(process);
    if (!gateway) throw new Error('no such process');
    const resume = { 'last-event-id': String(seen.at(-1) ?? 0) };
    const sse = readSse(await stream(gateway, `/v1/sessions/${session}/events`, resume), events);
    const all = () => !talking && seen.length + sse.events.length >= positionsOf(log, session).length;
    // Looks at every turn of the event loop, so that a stream is torn while things go on.
    for (const end = performance.now() + 5_000; !sse.done && !all() && performance.now() < end;) await setImmediate();
    seen.push(...idsOf(sse.events));
    await sse.cancel();
  }
  await talked;
  expect(seen).toEqual(positionsOf(log, session));
  await Promise.all(gateways.map((g) => g.close()));
});
