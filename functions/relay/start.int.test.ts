import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { brokerUser, groupRole, inboxOf, operatorRole, relayRole } from '../../shared/access/roles.ts';
import { provision } from '../../shared/log/provision.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { freePort } from '../../shared/testing/ports.ts';
import { durablesOf, groupsOf } from '../index.ts';

const groups = groupsOf('chained');
const roles = [operatorRole, relayRole(groups), ...groups.map(groupRole)];
const PATIENCE = { timeout: 15_000, interval: 20 };
const PROCESSES = [
  ['the relay', 'relay', [fileURLToPath(new URL('main.ts', import.meta.url))], {}],
  [
    'a function behind HTTP',
    'turn',
    [fileURLToPath(new URL('../main.ts', import.meta.url)), '--group', 'turn'],
    { TURNSTREAM_HOST_MODE: 'http', TURNSTREAM_HOST: '127.0.0.1', TURNSTREAM_PORT: '0' },
  ],
] as const;

let broker: TestServer;
let started: ChildProcess[] = [];
beforeAll(async () => {
  broker = await startBroker({ users: roles.map((role) => brokerUser(role, role.user)) });
  const nc = await broker.nc({ user: 'operator', pass: 'operator', inboxPrefix: inboxOf('operator') });
  await provision(nc, { replicas: 1, durables: durablesOf(groups) });
});
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  started = [];
});
afterAll(() => broker.stop());

function start(args: readonly string[], user: string, over: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, args, {
    env: {
      ...process.env,
      TURNSTREAM_NATS_URL: broker.url,
      TURNSTREAM_NATS_USER: user,
      TURNSTREAM_NATS_PASSWORD: user,
      TURNSTREAM_RELAY_TARGETS: '{"turn":"http://127.0.0.1:9/"}',
      TURNSTREAM_OPS_HOST: '127.0.0.1',
      TURNSTREAM_OPS_PORT: '0',
      ...over,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  started.push(child);
  return { child, exit, said: () => said };
}

describe.each(PROCESSES)('%s', (_what, user, args, env) => {
  it('waits for a log that does not answer: alive, not ready, and saying so', { timeout: 60_000 }, async () => {
    await broker.kill();
    const port = await freePort();
    const { child, said, exit } = start(args, user, { ...env, TURNSTREAM_OPS_PORT: String(port) });
    const answers = async (path: string) =>
      fetch(`http://127.0.0.1:${port}${path}`).then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(() => answers('/healthz'), PATIENCE).toBe(200);
    expect(await answers('/readyz')).toBe(503);
    expect(said()).toContain('waiting for it (broker.unreachable)');
    await broker.restart();
    await expect.poll(() => answers('/readyz'), PATIENCE).toBe(200);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  });

  it('ends with exit code 1 and one line where the log refuses its password', async () => {
    const { exit, said } = start(args, user, { ...env, TURNSTREAM_NATS_PASSWORD: 'sesame' });
    expect(await exit).toBe(1);
    expect(said()).toBe('turnstream: the log refused user or password (broker.refused)\n');
  });
});

it('the relay ends with exit code 2 where it does not know where to post', async () => {
  const [, , args] = PROCESSES[0];
  const { exit, said } = start(args, 'relay', { TURNSTREAM_RELAY_TARGETS: '{"turn":"ftp://turn/"}' });
  expect(await exit).toBe(2);
  expect(said()).toBe('turnstream: TURNSTREAM_RELAY_TARGETS: turn has no URL of HTTP (config.invalid)\n');
});
