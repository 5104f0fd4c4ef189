import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publishBot } from '../../../shared/bot/store.ts';
import { startBroker, type TestServer } from '../../../shared/testing/broker.ts';
import { newSession } from '../../../shared/testing/rig.ts';
import { conversation, publishableBot, turnstream } from '../../testing.ts';

let broker: TestServer;
let nc: NatsConnection;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'record-'));
  broker = await startBroker();
  nc = await broker.nc();
  await turnstream(['provision', '--nats', broker.url]);
  await publishBot(nc, publishableBot);
});
afterAll(async () => {
  await broker.stop();
  await rm(dir, { recursive: true });
});

describe('turnstream bot record', () => {
  it('writes a session of a server down as a test, once', async () => {
    const { session } = await conversation(nc, ['hello from 13912345678', 'where is my parcel TS12345678']);
    const out = join(dir, 'recorded.yml');
    const args = ['bot', 'record', session, '--nats', broker.url, '--name', 'late', '--out', out];
    const ran = await turnstream(args);
    expect(ran).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('1 personal values replaced') as string,
    });
    const text = await readFile(out, 'utf8');
    expect(text).toContain('test_case: late');
    expect(text).toContain('- user: hello from 13800138000\n        intent: greet');
    expect(text).toContain('- utter: utter_track_parcel');
    expect(await turnstream(args)).toMatchObject({
      code: 1,
      err: expect.stringContaining('is there already') as string,
    });
  });

  it('prints it as it was said where that is asked for, and knows no session that is not there', async () => {
    const { session } = await conversation(nc, ['hello from 13912345678']);
    const ran = await turnstream(['bot', 'record', session, '--nats', broker.url, '--as-is']);
    expect(ran.out).toContain('13912345678');
    const none = await turnstream(['bot', 'record', newSession().session, '--nats', broker.url]);
    expect(none).toMatchObject({ code: 1, err: expect.stringContaining('there is no session') as string });
  });
});
