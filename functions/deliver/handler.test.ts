import { describe, expect, it } from 'vitest';
import type { EventId } from '../../events/envelope.ts';
import { replyDelivered, replyDeliveryFailed, turnReplied } from '../../events/turn.ts';
import { newSession } from '../../shared/testing/rig.ts';
import { deliver, type Attempt, type Delivering, type Endpoint } from './handler.ts';
import type { Spoken } from './notification.ts';
import { SCHEDULE } from './schedule.ts';

const endpoint: Endpoint = { name: 'shop.example', url: 'https://shop.example/', secrets: [], allowPrivate: false };
const reply = {
  ...turnReplied({ messages: [{ text: 'Hello', buttons: [] }], locale: 'en' }),
  ...newSession(),
  id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' as EventId,
  time: '2026-01-01T00:00:00.000Z',
  emitter: 'reply',
  position: 7,
} as Spoken;
const soon = new Date('2026-01-01T00:00:01.000Z');

/** Runs the function once; returns what it emits and for when it has set another attempt. */
async function run(attempt: Attempt, over: Partial<Delivering> = {}, { event = reply, now = soon } = {}) {
  const posted: string[] = [];
  const again: { readonly attempts: number; readonly afterMs: number }[] = [];
  const ports: Delivering = {
    endpointOf: () => endpoint,
    saidIn: () => Promise.resolve(undefined),
    attempts: 0,
    schedule: SCHEDULE,
    chance: () => 0,
    post: (_endpoint, { id }) => {
      posted.push(id);
      return Promise.resolve(attempt);
    },
    tryAgain: (_event, attempts, afterMs) => {
      again.push({ attempts, afterMs });
      return Promise.resolve();
    },
    ...over,
  };
  const emitted = await deliver.handle(event, { now, ports, signal: new AbortController().signal });
  return { emitted, again, posted };
}

const delivered: Attempt = { kind: 'delivered', status: 204 };
const broken: Attempt = { kind: 'failed', reason: 'the endpoint answered 500', final: false };

describe('a reply', () => {
  it('is delivered', async () => {
    expect(await run(delivered)).toEqual({
      emitted: [replyDelivered({ endpoint: 'shop.example', status: 204, attempts: 1 })],
      again: [],
      posted: [reply.id],
    });
  });

  it('is tried again later where it could not be delivered', async () => {
    expect(await run(broken)).toMatchObject({ emitted: [], again: [{ attempts: 1, afterMs: 5_000 }] });
    expect(await run(broken, { attempts: 1 })).toMatchObject({
      emitted: [],
      again: [{ attempts: 2, afterMs: 300_000 }],
    });
  });

  it('is tried again not before the endpoint wants it', async () => {
    const { again } = await run({ ...broken, retryAfterMs: 90_000 });
    expect(again).toEqual([{ attempts: 1, afterMs: 90_000 }]);
  });

  it('is parked after the last attempt, with the reason of that one', async () => {
    expect(await run(broken, { attempts: 9 })).toMatchObject({
      emitted: [replyDeliveryFailed({ endpoint: 'shop.example', reason: 'the endpoint answered 500', attempts: 10 })],
      again: [],
    });
  });

  it('is parked at once where nothing can get better', async () => {
    expect(await run({ ...broken, final: true })).toMatchObject({
      emitted: [{ type: 'reply.delivery-failed', data: { attempts: 1 } }],
      again: [],
    });
  });

  it('counts the attempts before', async () => {
    const { emitted } = await run(delivered, { attempts: 3 });
    expect(emitted).toMatchObject([{ data: { attempts: 4 } }]);
  });

  it('goes nowhere, and leaves no trace, where the tenant has no address', async () => {
    expect(await run(delivered, { endpointOf: () => undefined })).toEqual({ emitted: [], again: [], posted: [] });
  });

  it('is parked where the address was withdrawn between attempts', async () => {
    expect(await run(delivered, { endpointOf: () => undefined, attempts: 2 })).toEqual({
      emitted: [replyDeliveryFailed({ endpoint: 'none', reason: 'the endpoint was withdrawn', attempts: 2 })],
      again: [],
      posted: [],
    });
  });

  it('without a message is not delivered', async () => {
    const event = { ...reply, data: { ...reply.data, messages: [] } } as Spoken;
    expect(await run(delivered, {}, { event })).toEqual({ emitted: [], again: [], posted: [] });
  });

  it('of last month is not delivered any more', async () => {
    const now = new Date('2026-02-01T00:00:00.000Z');
    expect(await run(delivered, {}, { now })).toMatchObject({
      emitted: [replyDeliveryFailed({ endpoint: 'shop.example', reason: 'too late', attempts: 0 })],
      posted: [],
    });
    // What was begun is brought to an end.
    expect(await run(delivered, { attempts: 9 }, { now })).toMatchObject({ posted: [reply.id] });
  });
});
