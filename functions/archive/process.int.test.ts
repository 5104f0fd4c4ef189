import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { archiveRole, brokerUser, operatorRole } from '../../shared/access/roles.ts';
import { keyring } from '../../shared/crypto/keyring.ts';
import { ensureTenantKeys } from '../../shared/crypto/tenant-keys.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Log, SessionRef } from '../../shared/log/log.ts';
import { provision } from '../../shared/log/provision.ts';
import { readSession } from '../../shared/log/read.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { incoming, newSession, opening, saying } from '../../shared/testing/rig.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

let server: TestServer;
let dir: string;
let log: Log;
let env: NodeJS.ProcessEnv;
const started: ChildProcess[] = [];

beforeAll(async () => {
  server = await startBroker({ users: [brokerUser(operatorRole, 'operator'), brokerUser(archiveRole, 'archive')] });
  dir = await mkdtemp(join(tmpdir(), 'turnstream-archive-'));
  const nc = await server.nc({ user: 'operator', pass: 'operator' });
  await provision(nc, { replicas: 1, durables: [] });
  const keys = await ensureTenantKeys(join(dir, 'keys.json'), ['acme']);
  log = jetstreamLog(nc, { cipher: keyring(nc, keys) });
  // Idle after a millisecond.
  await writeFile(join(dir, 'tenants.yml'), 'tenants: { acme: { bot: shop, idleDays: 0.00000001 } }\n');
  env = {
    ...process.env,
    TURNSTREAM_NATS_URL: server.url,
    TURNSTREAM_NATS_USER: 'archive',
    TURNSTREAM_NATS_PASSWORD: 'archive',
    TURNSTREAM_TENANT_KEYS: join(dir, 'keys.json'),
    TURNSTREAM_TENANTS: join(dir, 'tenants.yml'),
    TURNSTREAM_ARCHIVE_DIR: join(dir, 'archive'),
    TURNSTREAM_ARCHIVE_EVERY_SECONDS: '1',
    TURNSTREAM_OPS_PORT: '0',
  };
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await server.stop();
  await rm(dir, { recursive: true });
});

const said = async (): Promise<SessionRef> => {
  const ref = newSession();
  const tail = tailOf(log);
  await tail.append(incoming(ref, opening()));
  await tail.append(incoming(ref, saying('hello')));
  return ref;
};
const run = (...args: readonly string[]) => {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  let output = '';
  const take = (chunk: Buffer) => void (output += chunk.toString());
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const exit = once(child, 'exit').then(([code]) => code as number);
  return { child, exit, output: () => output };
};

it('looks once for an operator, with no more rights than its role has', async () => {
  const ref = await said();
  const { exit, output } = run('--once');
  expect(await exit, output()).toBe(0);
  expect(JSON.parse(output())).toMatchObject({ left: 1, failures: [], written: [{ sessions: 1, events: 2 }] });
  expect(await readSession(log, ref)).toEqual([]);
  expect(await readdir(join(dir, 'archive'))).toEqual(['tenant=acme']);
});

it('looks again and again until it is stopped', async () => {
  const { child, exit, output } = run();
  await expect.poll(output, { timeout: 10_000 }).toContain('"ready"');
  const ref = await said();
  await expect.poll(() => readSession(log, ref), { timeout: 10_000 }).toEqual([]);
  child.kill('SIGTERM');
  expect(await exit, output()).toBe(0);
});

it.each([
  ['neither a folder nor a bucket', { TURNSTREAM_ARCHIVE_DIR: undefined }],
  ['a folder and a bucket', { TURNSTREAM_ARCHIVE_BUCKET: 'conversations' }],
  ['half a bucket', { TURNSTREAM_ARCHIVE_DIR: undefined, TURNSTREAM_ARCHIVE_BUCKET: 'conversations' }],
])('refuses a configuration with %s', async (_what, over) => {
  const before = env;
  env = { ...env, ...over };
  const { exit, output } = run('--once');
  env = before;
  expect(await exit).toBe(2);
  expect(output()).toMatch(/^turnstream: .*TURNSTREAM_ARCHIVE_.*\(config\.invalid\)\n$/u);
});
