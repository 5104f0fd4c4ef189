import { jetstream, jetstreamManager, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import type { NatsConnection, RequestOptions } from '@nats-io/nats-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { incoming, newSession, opening, saying } from '../testing/rig.ts';
import { tailOf } from './append.ts';
import { jetstreamLog } from './jetstream.ts';
import { provision, refuseOldServer, streamConfigs, verifyStreams } from './provision.ts';
import { CONVERSATIONS, STREAMS } from './streams.ts';

const SECOND = 1_000_000_000;
const intent = { name: 'ts-intent', types: ['utterance.received'], ackWaitMs: 5_000 };
const ofVersion = (nc: NatsConnection, version: string | undefined): NatsConnection =>
  new Proxy(nc, {
    get: (target, key) =>
      key === 'info' ? version && { ...target.info, version } : (Reflect.get(target, key) as unknown),
  });

describe('provisioning', () => {
  let broker: TestServer;
  let nc: NatsConnection;
  let jsm: JetStreamManager;
  const configs = async (): Promise<readonly StreamConfig[]> =>
    Promise.all(STREAMS.map(async (name) => (await jsm.streams.info(name)).config));
  const names = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const name of jsm.streams.names()) found.push(name);
    return found.sort();
  };

  beforeEach(async () => {
    broker = await startBroker();
    nc = await broker.nc();
    jsm = await jetstreamManager(nc);
  });
  afterEach(() => broker.stop());

  it('makes every stream, as it is wanted', async () => {
    await provision(nc, { replicas: 1, durables: [intent] });
    expect(await names()).toEqual([...STREAMS].sort());
    expect(streamConfigs(1).map(({ name }) => name)).toEqual([...STREAMS]);
    await expect(verifyStreams(nc)).resolves.toBeUndefined();
  });

  it('changes nothing when it is done again, also of what was delivered already', async () => {
    await provision(nc, { replicas: 1, durables: [intent] });
    const tail = tailOf(jetstreamLog(nc));
    const ref = newSession();
    for (const draft of [opening(), saying('one'), saying('two')]) await tail.append(incoming(ref, draft));
    const taken = await (await jetstream(nc).consumers.get(CONVERSATIONS, intent.name)).next();
    expect(taken?.headers?.get('ce-type')).toBe('utterance.received');
    const before = await configs();

    await provision(nc, { replicas: 1, durables: [intent] });
    expect(await configs()).toEqual(before);
    const info = await jsm.consumers.info(CONVERSATIONS, intent.name);
    expect([info.num_ack_pending, info.num_pending]).toEqual([1, 1]);
  });

  it('by two at once does no harm', async () => {
    const other = await broker.nc();
    await Promise.all([nc, other].map((c) => provision(c, { replicas: 1, durables: [intent] })));
    await expect(verifyStreams(nc)).resolves.toBeUndefined();
  });

  it('brings a durable consumer up to the types that it is to be given', async () => {
    await provision(nc, { replicas: 1, durables: [intent] });
    await provision(nc, { replicas: 1, durables: [{ ...intent, types: ['session.opened', 'turn.replied'] }] });
    const { config } = await jsm.consumers.info(CONVERSATIONS, intent.name);
    expect(config.filter_subjects).toEqual(['conv.*.*.*.session.opened', 'conv.*.*.*.turn.replied']);
    expect(config).toMatchObject({ max_deliver: -1, ack_wait: 5 * SECOND });
    expect(config.inactive_threshold ?? 0).toBe(0);
  });

  it.each(['2.10.29', '2.11.17', '2.12.6', '2.14.0-RC.1', undefined])(
    'is refused by a server of version %s, before anything is made',
    async (version) => {
      const old = ofVersion(nc, version);
      const refused = { code: 'broker.too-old', retry: 'never' };
      await expect(provision(old, { replicas: 1, durables: [] })).rejects.toMatchObject(refused);
      await expect(verifyStreams(old)).rejects.toMatchObject(refused);
      expect(() => {
        refuseOldServer(old);
      }).toThrow('is too old: at least 2.12.7');
      expect(await names()).toEqual([]);
    },
  );

  it('is refused where a stream exists that cannot become the wanted one', async () => {
    await jsm.streams.add({ name: CONVERSATIONS, subjects: ['conv.>'], storage: 'memory' });
    const refused = provision(nc, { replicas: 1, durables: [] });
    await expect(refused).rejects.toMatchObject({ code: 'stream.differs', retry: 'never' });
    await expect(refused).rejects.toThrow(/^stream CONV: the server refuses what is wanted: /u);
  });

  it('puts right what somebody has changed by hand, and until then a start is refused', async () => {
    await provision(nc, { replicas: 1, durables: [] });
    await jsm.streams.update(CONVERSATIONS, { duplicate_window: 5 * SECOND });
    await expect(verifyStreams(nc)).rejects.toMatchObject({ code: 'stream.differs', retry: 'never' });
    await expect(verifyStreams(nc)).rejects.toThrow(
      'the server has duplicate_window 5000000000 instead of 60000000000',
    );
    await provision(nc, { replicas: 1, durables: [] });
    await expect(verifyStreams(nc)).resolves.toBeUndefined();
  });

  // An old server takes options that it does not know without a word: only what it echoes tells.
  it('is refused where the server echoes something else than it was given', async () => {
    const forgetful = new Proxy(nc, {
      get(target, key) {
        if (key !== 'request') return Reflect.get(target, key) as unknown;
        return (subject: string, body: Uint8Array, options: RequestOptions) => {
          if (!subject.startsWith('$JS.API.STREAM.CREATE.')) return target.request(subject, body, options);
          const { allow_msg_schedules: _unknown, ...known } = JSON.parse(Buffer.from(body).toString()) as StreamConfig;
          return target.request(subject, JSON.stringify(known), options);
        };
      },
    });
    const refused = provision(forgetful, { replicas: 1, durables: [] });
    await expect(refused).rejects.toThrow(
      'stream TIMERS: the server has allow_msg_schedules undefined instead of true',
    );
  });

  it('that has not been done is missed at the start', async () => {
    await expect(verifyStreams(nc)).rejects.toMatchObject({ code: 'stream.missing', retry: 'later' });
  });
});
