import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../testing/ports.ts';
import { findServer } from './find.ts';
import { startServer } from './start.ts';
import type { Broker, BrokerOptions, BrokerUser } from './start.ts';

let binary: string;
let dir: string;
let brokers: Broker[];
let connections: NatsConnection[];

beforeAll(async () => {
  ({ path: binary } = await findServer({ env: process.env, server: process.env['TURNSTREAM_NATS_SERVER'] }));
}, 600_000);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-start-'));
  [brokers, connections] = [[], []];
});

afterEach(async () => {
  await Promise.all(connections.map((nc) => nc.close()));
  await Promise.all(brokers.map((broker) => broker.kill('SIGKILL')));
  await rm(dir, { recursive: true });
});

async function start(options: Partial<BrokerOptions> = {}): Promise<Broker> {
  const broker = await startServer({ binary, dir: join(dir, 'store'), port: 0, sync: 'default', ...options });
  brokers.push(broker);
  return broker;
}

async function open(broker: Broker, options: NodeConnectionOptions = {}): Promise<NatsConnection> {
  const nc = await connect({ servers: broker.url, reconnect: false, ...options });
  connections.push(nc);
  return nc;
}

const mode = async (file: string) => (await stat(file)).mode & 0o777;

async function storeOne(broker: Broker): Promise<void> {
  const nc = await open(broker);
  await (await jetstreamManager(nc)).streams.add({ name: 'kept', subjects: ['kept.>'] });
  await jetstream(nc).publish('kept.one', 'first');
  await nc.close();
}

async function stored(broker: Broker): Promise<string | undefined> {
  const jsm = await jetstreamManager(await open(broker));
  return (await jsm.streams.getMessage('kept', { last_by_subj: 'kept.one' }))?.string();
}

describe('a started server', () => {
  it('takes connections, and JetStream answers', async () => {
    await storeOne(await start());
  });

  it('listens for this machine alone', async () => {
    const { port } = await start();
    await expect(connect({ servers: `127.0.0.2:${port}`, reconnect: false })).rejects.toThrow();
  });

  it('keeps its passwords and its store from other users', async () => {
    await start();
    expect(await mode(join(dir, 'store'))).toBe(0o700);
    expect(await mode(join(dir, 'store/nats-server.conf'))).toBe(0o600);
  });

  it.each([
    ['default', undefined],
    ['always', true],
  ] as const)('writes to the disk as told: %s', async (sync, expected) => {
    const monitorPort = await freePort();
    await start({ sync, monitorPort });
    const answer = await fetch(`http://127.0.0.1:${monitorPort}/varz`);
    const { jetstream: status } = (await answer.json()) as { jetstream: { config: { sync_always?: boolean } } };
    expect(status.config.sync_always).toBe(expected);
  });

  it('takes messages as long as told', async () => {
    const nc = await open(await start({ maxPayload: 12_345 }));
    expect(nc.info?.max_payload).toBe(12_345);
  });

  it('writes its log where told', async () => {
    const logFile = join(dir, 'server.log');
    await start({ logFile });
    expect(await readFile(logFile, 'utf8')).toContain('Server is ready');
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('comes back on the same store and port after %s', async (signal) => {
    const first = await start({ sync: 'always' });
    await storeOne(first);
    await first.kill(signal);
    const second = await start({ port: first.port });
    expect(second.port).toBe(first.port);
    expect(await stored(second)).toBe('first');
  });

  it('says when it is gone', async () => {
    const broker = await start();
    await broker.kill('SIGKILL');
    expect(await broker.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await broker.stop();
  });

  it.each([
    ['exits', 'process.exit()'],
    // By a means of Linux.
    ...(process.platform === 'linux' ? [['is killed', "process.kill(process.pid, 'SIGKILL')"]] : []),
  ])('ends when the process that started it %s', async (_, end) => {
    const script = `
      import { startServer } from ${JSON.stringify(import.meta.resolve('./start.ts'))};
      const settings = ${JSON.stringify({ binary, dir: join(dir, 'store'), port: 0, sync: 'default' })};
      process.stdout.write((await startServer(settings)).url, () => ${end});`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = (await once(parent.stdout, 'data')) as [Buffer];
    const answers = () =>
      connect({ servers: url.toString(), reconnect: false }).then(
        (nc) => nc.close().then(() => true),
        () => false,
      );
    await expect.poll(answers).toBe(false);
  });
});

describe('users', () => {
  const user = (name: string, rest: Partial<BrokerUser>): BrokerUser => ({
    user: name,
    password: `pässwörd "${name}" \\ $x`,
    publish: [],
    subscribe: [],
    ...rest,
  });
  const users = [
    user('writer', { publish: ['conv.a.>'], subscribe: ['_INBOX.>'] }),
    user('answerer', { subscribe: ['conv.a.ask'], allowResponses: true }),
    user('mute', { subscribe: ['conv.a.ask'] }),
    user('nobody', {}),
  ];
  const as = (broker: Broker, name: string) => open(broker, { user: name, pass: `pässwörd "${name}" \\ $x` });

  it('may do what stands on their list and nothing else', async () => {
    const broker = await start({ users });
    const [writer, answerer] = await Promise.all([as(broker, 'writer'), as(broker, 'answerer')]);
    answerer.subscribe('conv.a.ask', { callback: (_, m) => void m.respond('answer') });
    await answerer.flush();
    expect((await writer.request('conv.a.ask', '')).string()).toBe('answer');
    await expect(writer.request('conv.b.ask', '')).rejects.toThrow(/permissions violation/i);
    await expect(writer.request('$JS.API.STREAM.NAMES', '')).rejects.toThrow(/permissions violation/i);
  });

  it('may not answer without being allowed to', async () => {
    const broker = await start({ users });
    const [writer, mute] = await Promise.all([as(broker, 'writer'), as(broker, 'mute')]);
    const refused = errorsOf(mute);
    mute.subscribe('conv.a.ask', { callback: (_, m) => void m.respond('answer') });
    await mute.flush();
    await expect(writer.request('conv.a.ask', '', { timeout: 200 })).rejects.toThrow('timeout');
    expect(await refused).toMatch(/permissions violation for publish/i);
  });

  it('may do nothing with empty lists', async () => {
    const nobody = await as(await start({ users }), 'nobody');
    const refused = errorsOf(nobody);
    nobody.publish('anything', '');
    expect(await refused).toMatch(/permissions violation for publish/i);
    const reading = nobody.subscribe('anything', { callback: () => undefined });
    expect(await reading.closed).toMatchObject({ message: expect.stringMatching(/permissions violation/i) as string });
  });

  it('are asked for their password, and nobody comes in without', async () => {
    const broker = await start({ users });
    await expect(open(broker)).rejects.toThrow(/authorization violation/i);
    await expect(open(broker, { user: 'writer', pass: 'wrong' })).rejects.toThrow(/authorization violation/i);
  });
});

async function errorsOf(nc: NatsConnection): Promise<string> {
  for await (const status of nc.status()) if (status.type === 'error') return status.error.message;
  return 'no error';
}

describe('a server that cannot start', () => {
  it('says that the port is taken, and by which line of its log', async () => {
    const { port } = await start();
    await expect(start({ port, dir: join(dir, 'other') })).rejects.toMatchObject({
      code: 'broker.port-in-use',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
  });

  it('is not started on a store that another one has', async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({
      code: 'broker.store-in-use',
      message: expect.stringContaining(`process id ${first.pid} on port ${first.port}`) as string,
    });
    await storeOne(first);
  });

  it('gives the reason when its settings are wrong', async () => {
    const cluster = { name: 'alone', serverName: 'alone', port: await freePort(), routes: [] };
    await expect(start({ cluster })).rejects.toMatchObject({
      code: 'broker.stopped',
      message: expect.stringContaining('JetStream cluster requires configured routes') as string,
    });
  });

  it('is named when it is not there', async () => {
    await expect(start({ binary: join(dir, 'missing') })).rejects.toMatchObject({
      code: 'broker.not-started',
      message: expect.stringContaining('missing') as string,
    });
  });

  it('is ended at the time limit', async () => {
    await expect(start({ limitMs: 0 })).rejects.toMatchObject({ code: 'broker.slow-start' });
    const again = await start();
    await storeOne(again);
  });
});
