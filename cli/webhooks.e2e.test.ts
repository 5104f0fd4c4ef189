import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answering, startReceiver, type Receiver } from '../shared/egress/receiver.fixture.ts';
import { readMetrics } from '../shared/telemetry/metrics.fixture.ts';
import { testPlatform } from './platform.fixture.ts';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

let dir: string;
let receiver: Receiver;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'turnstream-webhooks-'));
  receiver = await startReceiver(answering(204));
});
afterEach(async () => {
  await receiver.close();
  await rm(dir, { recursive: true, force: true });
});

it('`npm start` pushes replies where the environment says, signed', async () => {
  const env = {
    ...process.env,
    TURNSTREAM_WEBHOOK_URL: `http://127.0.0.1:${receiver.port}/replies`,
    TURNSTREAM_WEBHOOK_SECRET: SECRET,
  };
  const platform = await testPlatform({ dir, env });
  try {
    const response = await fetch(`${platform.url}/v1/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sessionId: 'me', query: 'where is my parcel?' }),
    });
    expect(response.status).toBe(200);
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBeGreaterThan(0);
    const [{ path, body, headers }] = receiver.received as [Receiver['received'][number]];
    expect(path).toBe('/replies');
    const signed = new Webhook(SECRET).verify(body, headers as Record<string, string>);
    expect(signed).toMatchObject({ type: 'turn.replied' });
    const metrics = readMetrics(await (await fetch(`${platform.opsUrl}/metrics`)).text());
    const behind = [...metrics.keys()].filter((name) => name.startsWith('turnstream_consumer_lag'));
    expect(behind.filter((name) => name.includes('"ts-deliver"'))).toHaveLength(1);
    expect(behind.filter((name) => name.includes('"ts-turn"'))).toHaveLength(1);
  } finally {
    await platform.stop();
  }
}, 120_000);
