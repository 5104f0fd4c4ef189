import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect, type NodeConnectionOptions } from '@nats-io/transport-node';
import { parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inboxOf } from '../shared/access/roles.ts';
import { findServer } from '../shared/broker/find.ts';
import { ALONE_CONF, passwordVariable, SERVER_PATHS } from '../shared/deploy/nats-conf.ts';
import type { Manifest } from '../shared/deploy/objects.ts';
import { certificateFor, type Certified } from '../shared/egress/certificate.fixture.ts';
import { startBroker } from '../shared/testing/broker.ts';
import { freePort } from '../shared/testing/ports.ts';
import { roles } from './deployments.ts';
import { wantedManifests } from './manifest-files.ts';
import { connectLog } from './process.ts';

// The rendered configuration of the log's servers, in a real server, with real processes as its clients.

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PASSWORDS = Object.fromEntries(roles.map(({ user }) => [passwordVariable(user), `k-${user}`]));

let binary: string;
let dir: string;
let port: number;
let certified: Certified;
const started: ChildProcess[] = [];

beforeAll(async () => {
  binary = (await findServer({ env: process.env, server: process.env['TURNSTREAM_NATS_SERVER'] })).path;
  dir = await mkdtemp(join(tmpdir(), 'turnstream-manifests-'));
  port = await freePort();
  certified = certificateFor('localhost');
  await writeConfiguration();
  const server = spawn(binary, ['--config', join(dir, 'config', 'nats.conf')], { env: environment(), stdio: 'ignore' });
  started.push(server);
  const listening = { reconnect: true, waitOnFirstConnect: true, reconnectTimeWait: 50, maxReconnectAttempts: 200 };
  await (await connectAs('operator', 'k-operator', listening)).close();
});

afterAll(async () => {
  for (const child of started) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  await rm(dir, { recursive: true });
});

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, ...PASSWORDS, POD_NAME: 'nats-0' });

/** The map of configuration files, with the paths and ports of this machine. */
async function writeConfiguration(): Promise<void> {
  const text = (await wantedManifests()).get('knative/parts/cell/nats.yaml') ?? '';
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  const files = objects.find(({ kind }) => kind === 'ConfigMap')?.['data'] as Readonly<Record<string, string>>;
  for (const folder of ['config', 'tls', 'run', 'data']) await mkdir(join(dir, folder));
  const monitor = await freePort();
  const here = (conf: string) =>
    Object.entries(SERVER_PATHS)
      .reduce((all, [name, path]) => all.replaceAll(new RegExp(`"${path}(?=[/"])`, 'gu'), `"${join(dir, name)}`), conf)
      .replace('port: 4222', `port: ${port}`)
      .replace('http_port: 8222', `http_port: ${monitor}`);
  for (const [name, conf] of Object.entries(files)) await writeFile(join(dir, 'config', name), here(conf));
  await writeFile(join(dir, 'tls', 'tls.crt'), certified.cert);
  await writeFile(join(dir, 'tls', 'tls.key'), certified.key);
  await writeFile(join(dir, 'tls', 'ca.crt'), certified.cert);
  // As three servers read it, before this one is left alone.
  await promisify(execFile)(binary, ['-t', '--config', join(dir, 'config', 'nats.conf')], { env: environment() });
  await writeFile(join(dir, 'config', 'cluster.conf'), ALONE_CONF);
}

const connectAs = (user: string, pass = `k-${user}`, more: NodeConnectionOptions = {}) =>
  connect({
    servers: `tls://localhost:${port}`,
    user,
    pass,
    tls: { ca: certified.cert },
    inboxPrefix: inboxOf(user),
    reconnect: false,
    ...more,
  });

it('lets in every user with its own password, and with no other', async () => {
  for (const { user } of roles) await (await connectAs(user)).close();
  await expect(connectAs('intent', 'k-gateway')).rejects.toThrow();
});

it('lets nobody in without encryption', async () => {
  const plain = connect({
    servers: `localhost:${port}`,
    user: 'intent',
    pass: 'k-intent',
    tls: null,
    reconnect: false,
  });
  await expect(plain).rejects.toThrow();
});

it('refuses what a role does not have', async () => {
  const nc = await connectAs('gateway');
  const refused = (async () => {
    for await (const { type, ...status } of nc.status())
      if (type === 'error') return String('error' in status && status.error);
    return 'closed';
  })();
  nc.publish('conv.1.acme.s.policy.decided', '');
  await nc.flush();
  await expect.poll(() => Promise.race([refused, Promise.resolve('waiting')])).toContain('Permissions Violation');
  await nc.close();
});

it('has processes connect that know nothing but what the manifests tell them', async () => {
  const processEnvironment = (user: string) => ({
    ...process.env,
    TURNSTREAM_NATS_URL: `tls://localhost:${port}`,
    TURNSTREAM_NATS_USER: user,
    TURNSTREAM_NATS_PASSWORD: `k-${user}`,
    TURNSTREAM_OPS_PORT: '0',
    NODE_EXTRA_CA_CERTS: join(dir, 'tls', 'ca.crt'),
  });
  const provision = ['../cli/main.ts', 'provision', '--hosting', 'chained'].map((a, i) =>
    i === 0 ? join(HERE, a) : a,
  );
  await promisify(execFile)(process.execPath, provision, { env: processEnvironment('operator') });
  // As OpenFaaS has it: what the tenants' file names is in a file, without which this one does not start.
  const [tenants, secrets] = [join(dir, 'tenants.yml'), join(dir, 'tenant-secrets.env')];
  const model = { url: 'https://models.invalid/v1', model: 'any', secretFrom: 'TEST_MODEL_KEY' };
  await writeFile(tenants, JSON.stringify({ tenants: { acme: { bot: 'shop-helpdesk', languageModel: model } } }));
  await writeFile(secrets, 'TEST_MODEL_KEY=quite-secret\n');
  const asking = { TURNSTREAM_TENANTS: tenants, TURNSTREAM_TENANT_SECRETS: secrets };
  for (const [user, main, more] of [
    ['turn', 'main.ts', {}],
    ['outside', 'outside/main.ts', asking],
    ['timer', 'timers/main.ts', {}],
  ] as const) {
    const child = spawn(process.execPath, [join(HERE, main)], {
      env: { ...processEnvironment(user), ...more },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    started.push(child);
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    await expect.poll(() => said).toContain('"msg":"ready"');
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
  }
});

it('does not speak to a server that does not encrypt, where the address asks for it', async () => {
  const broker = await startBroker();
  const url = broker.url.replace('nats:', 'tls:');
  await expect(connectLog({ TURNSTREAM_NATS_URL: url }, 'intent', inboxOf('intent'))).rejects.toThrow();
  await broker.stop();
});
