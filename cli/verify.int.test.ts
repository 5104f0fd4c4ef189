import type { NatsConnection } from '@nats-io/nats-core';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Envelope, EventId, TenantId } from '../events/envelope.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import type { SessionRef } from '../shared/log/log.ts';
import { readSession } from '../shared/log/read.ts';
import { CONVERSATIONS } from '../shared/log/streams.ts';
import { eventSubject } from '../shared/log/subjects.ts';
import { startBroker, type TestServer } from '../shared/testing/broker.ts';
import { conversation, plant, turnstream, type Tampering } from './testing.ts';
import type { Verification } from './verify.ts';

let broker: TestServer;
let nc: NatsConnection;
let tenant: TenantId;
let clean: SessionRef;
let count = 0;

beforeAll(async () => {
  broker = await startBroker();
  nc = await broker.nc();
  expect(await turnstream(['provision', '--nats', broker.url])).toMatchObject({ code: 0 });
});
afterAll(() => broker.stop());
beforeEach(async () => {
  tenant = `tenant-${count++}` as TenantId;
  clean = await conversation(nc, ['where is my parcel', 'TS12345678', 'hello'], tenant);
});

const verify = async (...args: readonly string[]) => {
  const { code, out } = await turnstream(['verify', '--nats', broker.url, '--tenant', tenant, '--json', ...args]);
  return { code, result: JSON.parse(out) as Verification };
};
/** What is found in a tenant that has a clean session and a tampered copy of it. */
const found = async (tampering: Tampering) => {
  const { session } = await plant(nc, clean, tampering);
  const { code, result } = await verify('--grace', '0');
  expect(result.findings.every((f) => f.session === session && f.tenant === tenant)).toBe(true);
  return { code, rules: [...new Set(result.findings.map((f) => f.rule))] };
};
const data = (event: Envelope, over: object): Envelope => ({
  ...event,
  data: { ...(event.data as object), ...over },
});
const only = (type: string, change: (event: Envelope) => Envelope): Tampering => ({
  event: (event) => [event.type === type ? change(event) : event],
});
/** Adds a copy of an earlier event at the end, with an id of its own. */
const repeated = (type: string): Tampering => ({
  event: (event, i, all) => {
    const again = all.find((e) => e.type === type);
    return i < all.length - 1 || !again ? [event] : [event, { ...again, id: newId() }];
  },
});
const newId = () => ulid() as EventId;

describe('turnstream verify', () => {
  it('finds nothing in what the platform wrote', async () => {
    const ran = await turnstream(['verify', '--nats', broker.url, '--tenant', tenant, '--grace', '0']);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toMatch(/^1 sessions, 16 events, 3 decisions in [\d.]+ s: nothing wrong\.\n$/u);
  });

  it('finds nothing in a faithful copy, so that the planted faults are what is found below', async () => {
    expect(await found({})).toEqual({ code: 0, rules: [] });
  });

  it('finds a broken chain', async () => {
    expect(await found({ previous: (right, i) => (i === 3 ? right - 1 : right) })).toEqual({
      code: 1,
      rules: ['chain-unbroken'],
    });
  });

  it('finds an event that is gone from the middle', async () => {
    const [, , , missing] = await readSession(jetstreamLog(nc), clean);
    await (await jetstreamManager(nc)).streams.deleteMessage(CONVERSATIONS, missing?.position ?? 0);
    const { code, result } = await verify();
    expect(code).toBe(1);
    expect(result.findings.map((f) => f.rule)).toContain('chain-unbroken');
  });

  it('finds a cause that is not there (I2)', async () => {
    expect(await found(only('turn.replied', (e) => ({ ...e, causation: newId() })))).toEqual({
      code: 1,
      rules: ['I2'],
    });
  });

  it('finds a decision made twice (I3)', async () => {
    expect((await found(repeated('policy.decided'))).rules).toContain('I3');
  });

  it('finds two endings of a turn (I4)', async () => {
    expect(await found(repeated('turn.replied'))).toEqual({ code: 1, rules: ['I4'] });
  });

  it('finds a turn without an ending, once it is older than the grace period (I4)', async () => {
    const { session } = await plant(nc, clean, { event: (e, i, all) => (i === all.length - 1 ? [] : [e]) });
    const late = await verify('--grace', '0');
    expect(late.code).toBe(1);
    expect(late.result.findings).toMatchObject([{ rule: 'I4', session }]);
    expect((await verify('--grace', '3600')).code).toBe(0);
  });

  it('finds turns decided out of order (I5)', async () => {
    const swapped: Tampering = {
      event: (event, _, all) => {
        const turns = all.filter((e) => e.type === 'policy.decided').map((e) => e.turn);
        const other = turns.at(-1 - turns.indexOf(event.turn)) ?? event.id;
        return [event.type === 'policy.decided' ? { ...event, turn: other } : event];
      },
    };
    expect((await found(swapped)).rules).toContain('I5');
  });

  it('finds a changed snapshot (I6)', async () => {
    const change = (event: Envelope) => {
      const { snapshot } = event.data as { snapshot: { state: object } };
      return data(event, { snapshot: { ...snapshot, state: { ...snapshot.state, misses: 7 } } });
    };
    expect(await found(only('policy.decided', change))).toEqual({ code: 1, rules: ['I6'] });
  });

  it('finds a past that was rewritten, by the states that were stored on it (I6)', async () => {
    expect(await found(only('entities.extracted', (e) => data(e, { entities: [] })))).toEqual({
      code: 1,
      rules: ['I6'],
    });
  });

  it('finds a decision that had not read everything (I7)', async () => {
    expect(await found(only('policy.decided', (e) => ({ ...e, basis: (e.basis ?? 0) - 1 })))).toEqual({
      code: 1,
      rules: ['I7'],
    });
  });

  it('finds what is no event, and names session and position', async () => {
    const { seq } = await jetstream(nc).publish(eventSubject({ ...clean, type: 'turn.replied' }), '{}');
    const { code, result } = await verify();
    expect(code).toBe(1);
    expect(result.findings).toMatchObject([{ rule: 'readable', session: clean.session, position: seq }]);
    const { out } = await turnstream(['verify', '--nats', broker.url, '--tenant', tenant]);
    expect(out).toContain(`session ${clean.session} (${tenant}) position ${seq}:`);
    expect(out).toContain('1 found wrong');
  });

  it('checks the sessions of every tenant when none is named', async () => {
    const { out } = await turnstream(['verify', '--nats', broker.url, '--json']);
    expect((JSON.parse(out) as Verification).sessions).toBeGreaterThan(count);
  });
});
