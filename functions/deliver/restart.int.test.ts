import { jetstream } from '@nats-io/jetstream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { answering, startReceiver, type Receiver } from '../../shared/egress/receiver.fixture.ts';
import { CONVERSATIONS } from '../../shared/log/streams.ts';
import { endpointAt, startDeliveries, type Deliveries } from './deliveries.fixture.ts';
import { provisionDeliveries, SPOKEN } from './provision.ts';

const ACME = 'acme' as TenantId;

let receiver: Receiver;
let d: Deliveries;
beforeEach(async () => {
  [receiver, d] = await Promise.all([startReceiver(), startDeliveries([ACME])]);
});
afterEach(async () => {
  await d.stop();
  await receiver.close();
});

const toReceiver = () => new Map([[ACME, endpointAt(receiver)]]);
const ids = () => receiver.received.map(({ headers }) => headers['webhook-id']);

describe('a restart', () => {
  it('of everything loses no retry', async () => {
    receiver.behave(answering(500, 200));
    const before = await d.host(toReceiver(), { schedule: [0, 1_000] });
    const reply = await d.say('hello');
    await expect.poll(() => receiver.received.length).toBe(1);
    await before.stop();
    await d.broker.restart();
    await d.host(toReceiver(), { schedule: [0, 1_000] });
    await expect
      .poll(() => d.outcomes(reply), { timeout: 5_000 })
      .toEqual([{ type: 'reply.delivered', data: { endpoint: 'hook', status: 200, attempts: 2 } }]);
    expect(ids()).toEqual([reply.envelope.id, reply.envelope.id]);
  });

  it('of the log between the post and its record costs no second post', async () => {
    receiver.behave((response) => void d.broker.kill().then(() => response.end()));
    await d.host(toReceiver());
    const reply = await d.say('hello');
    await expect.poll(() => receiver.received.length).toBe(1);
    await d.broker.restart();
    await expect.poll(() => d.outcomes(reply), { timeout: 5_000 }).toMatchObject([{ data: { attempts: 1 } }]);
    await d.settled();
    expect(receiver.received).toHaveLength(1);
  });

  it('finishes what has begun and gives the rest to another process: none lost, none doubled', async () => {
    receiver.behave((response) => setTimeout(() => response.end(), 20));
    const replies = await Promise.all(Array.from({ length: 70 }, (_, i) => d.say(`${i}`)));
    const first = await d.host(toReceiver());
    await expect.poll(() => receiver.received.length).toBeGreaterThan(16);
    await first.stop();
    expect(receiver.received.length).toBeLessThan(70);
    await d.host(toReceiver());
    const outcomes = async () => (await Promise.all(replies.map((r) => d.outcomes(r)))).flat();
    await expect.poll(async () => (await outcomes()).length).toBe(70);
    await d.settled();
    expect(receiver.received).toHaveLength(70);
  });
});

describe('a process', () => {
  it('that is killed between the post and the log posts again, with the same id and body; the log says it once', async () => {
    const killed = await d.process(receiver, { TURNSTREAM_FAILPOINT: 'react.after-handle' });
    const reply = await d.say('hello');
    expect(await killed.gone).toBe('SIGKILL');
    expect(receiver.received).toHaveLength(1);
    expect(await d.outcomes(reply)).toEqual([]);
    const next = await d.process(receiver);
    await expect.poll(() => d.outcomes(reply), { timeout: 5_000 }).toMatchObject([{ type: 'reply.delivered' }]);
    await d.settled();
    expect(ids()).toEqual([reply.envelope.id, reply.envelope.id]);
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
    expect(await next.stop()).toBe('0');
    expect(await d.outcomes(reply)).toHaveLength(1);
  });

  it('that is killed before it acknowledges does not post again', async () => {
    const killed = await d.process(receiver, { TURNSTREAM_FAILPOINT: 'pull.before-ack' });
    const reply = await d.say('hello');
    expect(await killed.gone).toBe('SIGKILL');
    expect(await d.outcomes(reply)).toMatchObject([{ type: 'reply.delivered' }]);
    await d.process(receiver);
    await d.settled();
    expect(receiver.received).toHaveLength(1);
    expect(await d.outcomes(reply)).toHaveLength(1);
  });

  it('does not start where the consumers do not fit the configuration', async () => {
    await provisionDeliveries(d.nc, { channels: ['globex' as TenantId], desks: [] });
    await expect(d.process(receiver)).rejects.toThrow('deliver.not-provisioned');
  });
});

describe('what was delivered too often', () => {
  it('is put off instead of being tried at once', async () => {
    const reply = await d.say('hello');
    const consumer = await jetstream(d.nc).consumers.get(CONVERSATIONS, SPOKEN);
    for (let i = 0; i < 4; i++) (await consumer.next())?.nak();
    await d.host(toReceiver());
    await expect.poll(() => d.outcomes(reply)).toMatchObject([{ type: 'reply.delivered', data: { attempts: 2 } }]);
    expect(receiver.received).toHaveLength(1);
  });
});
