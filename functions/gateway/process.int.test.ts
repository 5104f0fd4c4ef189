import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { provision } from '../../shared/log/provision.ts';
import { hashOfKey } from '../../shared/tenancy/api-key.ts';
import { startBroker, type TestServer } from '../../shared/testing/broker.ts';
import { ANN } from './desk.fixture.ts';

const ROOT = join(import.meta.dirname, '..', '..');

let broker: TestServer;
let dir: string;
let child: ChildProcess;
let url: string;

beforeAll(async () => {
  broker = await startBroker();
  await provision(await broker.nc(), { replicas: 1, durables: [] });
  dir = await mkdtemp(join(tmpdir(), 'turnstream-gateway-'));
  const tenants = { acme: { bot: 'shop-helpdesk', agents: { ann: { keys: [hashOfKey(ANN)], skills: ['refunds'] } } } };
  await writeFile(join(dir, 'tenants.yml'), JSON.stringify({ tenants }));
  child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: {
      PATH: process.env['PATH'],
      TURNSTREAM_NATS_URL: broker.url,
      TURNSTREAM_OPS_PORT: '0',
      TURNSTREAM_TENANTS: join(dir, 'tenants.yml'),
      TURNSTREAM_BOTS: join(ROOT, 'bots'),
      TURNSTREAM_SESSION_KEY: 'the secret of all gateways, long enough',
      TURNSTREAM_HOST: '127.0.0.1',
      TURNSTREAM_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
      const [, ready] = /"url":"([^"]+)"/u.exec(said) ?? [];
      if (ready !== undefined) resolve(ready);
    });
    child.once('exit', () => {
      reject(new Error(`it ended: ${said}`));
    });
  });
}, 40_000);
afterAll(async () => {
  child.kill('SIGTERM');
  await once(child, 'exit');
  await broker.stop();
  await rm(dir, { recursive: true, force: true });
});

it('serves the desk to agents, and no page to try a bot with', async () => {
  const page = await fetch(`${url}/desk`);
  expect(page.status).toBe(200);
  const files = [...(await page.text()).matchAll(/(?:src|href)="(\/console\/[^"]+)"/gu)].map(([, path]) => path ?? '');
  expect(files.length).toBeGreaterThan(4);
  for (const path of files) expect((await fetch(url + path)).status).toBe(200);
  expect((await fetch(`${url}/`)).status).toBe(404);

  expect((await fetch(`${url}/v1/desk/queue`)).status).toBe(401);
  const queue = await fetch(`${url}/v1/desk/queue`, { headers: { authorization: `Bearer ${ANN}` } });
  expect(await queue.json()).toEqual({
    position: 0,
    agent: { name: 'ann', skills: ['refunds'] },
    waiting: [],
    total: 0,
    taken: [],
  });
});
