import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokerUser, inboxOf, operatorRole, type Role } from '../access/roles.ts';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { durableConsumer } from './durable.ts';
import { provision } from './provision.ts';
import { CONVERSATIONS } from './streams.ts';

const stranger: Role = { user: 'stranger', publish: ['$JS.API.INFO'], subscribe: [`${inboxOf('stranger')}.>`] };

describe('a durable consumer', () => {
  let broker: TestServer;
  let nc: NatsConnection;
  const as = ({ user }: Role) => broker.nc({ user, pass: user, inboxPrefix: inboxOf(user) });

  beforeAll(async () => {
    broker = await startBroker({ users: [operatorRole, stranger].map((role) => brokerUser(role, role.user)) });
    nc = await as(operatorRole);
    const durables = [{ name: 'ts-here', types: ['turn.replied', 'utterance.received'], ackWaitMs: 5_000 }];
    await provision(nc, { replicas: 1, durables });
  });
  afterAll(() => broker.stop());

  it('that hands out what is asked for is there', async () => {
    const consumer = await durableConsumer(nc, CONVERSATIONS, 'ts-here', ['utterance.received']);
    expect((await consumer.info(true)).name).toBe('ts-here');
  });

  it('that nobody has made says what to do', async () => {
    const asked = durableConsumer(nc, CONVERSATIONS, 'ts-gone');
    await expect(asked).rejects.toMatchObject({
      code: 'consumer.missing',
      message: 'there is no durable consumer ts-gone: run `turnstream provision` of this version',
    });
  });

  it('of an older version says what it lacks', async () => {
    const asked = durableConsumer(nc, CONVERSATIONS, 'ts-here', ['utterance.received', 'timer.fired']);
    await expect(asked).rejects.toMatchObject({
      code: 'consumer.differs',
      message: 'the durable consumer ts-here does not hand out timer.fired: run `turnstream provision` of this version',
    });
  });

  it('that the user may not ask for says so', async () => {
    const asked = durableConsumer(await as(stranger), CONVERSATIONS, 'ts-here');
    await expect(asked).rejects.toMatchObject({ code: 'consumer.forbidden', retry: 'never' });
  });
});
