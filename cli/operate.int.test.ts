import type { NatsConnection } from '@nats-io/nats-core';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TenantId } from '../events/envelope.ts';
import { publishBot } from '../shared/bot/store.ts';
import type { SessionRef } from '../shared/log/log.ts';
import { CONVERSATIONS } from '../shared/log/streams.ts';
import { startBroker, type TestServer } from '../shared/testing/broker.ts';
import { newSession } from '../shared/testing/rig.ts';
import type { SessionSummary } from './sessions.ts';
import { conversation, plant, publishableBot, turnstream } from './testing.ts';

let broker: TestServer;
let nc: NatsConnection;
beforeAll(async () => {
  broker = await startBroker();
  nc = await broker.nc();
  const ran = await turnstream(['provision', '--nats', broker.url, '--json']);
  expect(ran).toMatchObject({ code: 0, err: '' });
  await publishBot(nc, publishableBot);
});
afterAll(() => broker.stop());

describe('turnstream provision', () => {
  it('makes what is missing, and says that nothing was when called again', async () => {
    const again = await turnstream(['provision', '--nats', broker.url]);
    expect(again.code).toBe(0);
    expect(again.out).toContain('stream');
    expect(again.out).toMatch(/CONV\s+there already/u);
    expect(again.out).not.toContain('created');
    const jsm = await jetstreamManager(nc);
    expect((await jsm.consumers.info(CONVERSATIONS, 'ts-turn')).config.durable_name).toBe('ts-turn');
  });
});

describe('turnstream sessions', () => {
  it('lists the sessions of a tenant that were active last, newest first', async () => {
    const tenant = 'listed' as TenantId;
    const first = await conversation(nc, ['where is my parcel'], tenant);
    const second = await conversation(nc, ['hello', 'human'], tenant);
    await conversation(nc, ['hello'], 'somebody-else' as TenantId);
    const ran = await turnstream(['sessions', '--nats', broker.url, '--tenant', tenant, '--json']);
    const { sessions, more } = JSON.parse(ran.out) as { sessions: SessionSummary[]; more: boolean };
    expect(sessions).toMatchObject([
      { session: second.session, tenant, phase: 'handed-off', turns: 2, open: 0, lastEvent: 'turn.handed-off' },
      { session: first.session, tenant, phase: 'open', turns: 1, asking: 'order_number', bot: 'test-bot' },
    ]);
    expect(more).toBe(false);
    const limited = await turnstream(['sessions', '--nats', broker.url, '--tenant', tenant, '--limit', '1']);
    expect(limited.out).toContain(second.session);
    expect(limited.out).not.toContain(first.session);
    expect(limited.out).toContain('There are more');
  });

  it('says so when there are none', async () => {
    const ran = await turnstream(['sessions', '--nats', broker.url, '--tenant', 'nobody']);
    expect(ran).toMatchObject({ code: 0, out: 'No sessions of tenant nobody.\n' });
  });
});

describe('turnstream replay', () => {
  let ref: SessionRef;
  beforeAll(async () => {
    ref = await conversation(nc, ['where is my parcel', 'TS12345678', 'mumble']);
  });

  it('tells the story of a session, whoever owns it', async () => {
    const { code, out, err } = await turnstream(['replay', ref.session, '--nats', broker.url]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const part of [
      'of tenant acme',
      'where is my parcel',
      'track_parcel 90 %',
      'slot-missing',
      'What is your order number?',
      'order_number = TS12345678',
      'slots.order_number: – → "TS12345678"',
      'not recognised',
      'misses: 0 → 1',
      'decided the same again',
      '3 of 3 decisions made again: same state, same decision.',
    ]) {
      expect(out).toContain(part);
    }
    // No terminal, no colours.
    expect(out).not.toContain('\u001b');
  });

  it('tells one turn, as JSON', async () => {
    const ran = await turnstream(['replay', ref.session, '--nats', broker.url, '--turn', '2', '--json']);
    const { chapters, contradictions } = JSON.parse(ran.out) as { chapters: unknown[]; contradictions: number[] };
    expect(chapters).toMatchObject([{ kind: 'turn', said: { text: 'TS12345678' } }]);
    expect(contradictions).toEqual([]);
    const none = await turnstream(['replay', ref.session, '--nats', broker.url, '--turn', '9']);
    expect(none).toMatchObject({ code: 2, out: '' });
    expect(none.err).toBe('turnstream: there is no turn 9: the session has 3; see turnstream replay --help\n');
  });

  it('does not know a session that is not there, nor one of another tenant', async () => {
    const nobody = await turnstream(['replay', newSession().session, '--nats', broker.url]);
    expect(nobody).toMatchObject({ code: 1, out: '' });
    expect(nobody.err).toContain('there is no session');
    const foreign = await turnstream(['replay', ref.session, '--tenant', 'other', '--nats', broker.url]);
    expect(foreign).toMatchObject({ code: 1, out: '' });
  });

  it('shows a decision that was made otherwise, with exit code 1', async () => {
    const planted = await plant(nc, await conversation(nc, ['hello']), {
      event: (e) => [
        e.type === 'policy.decided' ? { ...e, data: { ...(e.data as object), why: { rule: 'planted' } } } : e,
      ],
    });
    const ran = await turnstream(['replay', planted.session, '--nats', broker.url]);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('this build decides otherwise');
    expect(ran.out).toContain('data.why.rule: "planted" → "flow"');
  });
});

describe('without a platform', () => {
  it('says in one line what to do, with exit code 1', async () => {
    const ran = await turnstream(['verify', '--nats', 'nats://127.0.0.1:1']);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toBe(
      'turnstream: no nats-server answers at nats://127.0.0.1:1; start a platform with `npm start`, or name a server with --nats\n',
    );
  });

  it('asks for provisioning where there are no streams', async () => {
    const empty = await startBroker();
    try {
      const ran = await turnstream(['sessions', '--nats', empty.url]);
      expect(ran.code).toBe(1);
      expect(ran.err).toContain('run `turnstream provision` first');
      expect(ran.err.trimEnd()).not.toContain('\n');
    } finally {
      await empty.stop();
    }
  });
});
