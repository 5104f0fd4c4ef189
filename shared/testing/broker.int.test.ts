import { access } from 'node:fs/promises';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startBroker, startCluster } from './broker.ts';

let stop: () => Promise<void>;

afterEach(() => stop());

const publish = (nc: NatsConnection, text: string) => jetstream(nc).publish('kept.one', text, { timeout: 1000 });
const messages = async (nc: NatsConnection) => (await (await jetstreamManager(nc)).streams.info('kept')).state.messages;

describe('a broker for tests', () => {
  it('keeps its streams and its connections over a restart and a crash', async () => {
    const broker = await startBroker({ sync: 'always' });
    ({ stop } = broker);
    const nc = await broker.nc();
    await (await jetstreamManager(nc)).streams.add({ name: 'kept', subjects: ['kept.>'] });
    await publish(nc, 'first');
    const pid = broker.pid();

    await broker.restart();
    expect(broker.pid()).not.toBe(pid);
    expect(await messages(nc)).toBe(1);
    await publish(nc, 'second');

    await broker.kill();
    await broker.restart();
    expect(await messages(nc)).toBe(2);
  });

  it('leaves nothing open and nothing on the disk', async () => {
    const broker = await startBroker();
    ({ stop } = broker);
    const nc = await broker.nc();
    await broker.stop();
    expect(nc.isClosed()).toBe(true);
    await expect(access(broker.dir)).rejects.toThrow('ENOENT');
  });

  it('has the users it is given', async () => {
    const writer = { user: 'writer', password: 'w', publish: ['conv.>'], subscribe: ['_INBOX.>'] };
    const broker = await startBroker({ users: [writer] });
    ({ stop } = broker);
    await expect(broker.nc()).rejects.toThrow(/authorization violation/i);
    const nc = await broker.nc({ user: 'writer', pass: 'w' });
    await broker.restart();
    await nc.flush();
  });
});

describe('a cluster for tests', () => {
  it('keeps a stream on all servers and takes messages while one is gone', async () => {
    const cluster = await startCluster(3);
    ({ stop } = cluster);
    const nc = await cluster.nc();
    const jsm = await jetstreamManager(nc);
    const kept = { name: 'kept', subjects: ['kept.>'], num_replicas: 3 };
    // Servers that have only just met may take longer to answer than a client waits.
    const { cluster: group } = await vi.waitFor(() => jsm.streams.add(kept), { timeout: 40_000, interval: 200 });
    await publish(nc, 'first');

    // The one that leads the stream, because that is the loss that hurts.
    const gone = Number(group?.leader?.split('-')[1]);
    await cluster.server(gone).kill();
    await cluster.led();
    await expect.poll(() => publish(nc, 'second'), { timeout: 40_000 }).toMatchObject({ duplicate: false });

    await cluster.server(gone).restart();
    const behind = async () =>
      (await jsm.streams.info('kept')).cluster?.replicas?.filter((peer) => !peer.current).length;
    await expect.poll(behind, { timeout: 40_000 }).toBe(0);
    expect(await messages(await cluster.server(gone).nc())).toBeGreaterThanOrEqual(2);
  }, 120_000);

  it('counts its servers from 0', async () => {
    const cluster = await startCluster(3);
    ({ stop } = cluster);
    expect(cluster.urls).toEqual([0, 1, 2].map((i) => cluster.server(i).url));
    expect(() => cluster.server(3)).toThrow(RangeError);
  });
});
