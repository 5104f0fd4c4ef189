import { jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { incoming, newSession, opening, saying } from '../testing/rig.ts';
import { tailOf } from './append.ts';
import { jetstreamLog } from './jetstream.ts';
import type { Log, SessionRef, Stored } from './log.ts';
import { provision } from './provision.ts';
import { readSession } from './read.ts';
import { eventSubject } from './subjects.ts';
import { encode } from './wire.ts';

const DIRECT = '$JS.API.DIRECT.GET.CONV';
const LEADER = '$JS.API.STREAM.MSG.GET.CONV';

let broker: TestServer;
let nc: NatsConnection;
let log: Log;

beforeAll(async () => {
  broker = await startBroker();
  nc = await broker.nc();
  await provision(nc, { replicas: 1, durables: [] });
  log = jetstreamLog(nc);
});
afterAll(() => broker.stop());

/** A log whose requests to some subjects reach a stand-in instead of the server. */
function instead(standIns: Readonly<Record<string, string>>, timeoutMs = 5_000): Log {
  const publish: NatsConnection['publish'] = (to, ...rest) => {
    const found = Object.entries(standIns).find(([subject]) => to.startsWith(subject));
    nc.publish(found?.[1] ?? to, ...rest);
  };
  const rerouted = new Proxy(nc, {
    get: (target, key) => (key === 'publish' ? publish : (Reflect.get(target, key) as unknown)),
  });
  return jetstreamLog(rerouted, { timeoutMs });
}
const answering = (subject: string, body: object): string => {
  nc.subscribe(subject, { callback: (_error, m) => void m.respond(JSON.stringify(body)) });
  return subject;
};

async function written(): Promise<{ readonly ref: SessionRef; readonly all: readonly Stored[] }> {
  const ref = newSession();
  const tail = tailOf(log);
  for (const draft of [opening(), saying('one'), saying('two')]) await tail.append(incoming(ref, draft));
  return { ref, all: await log.scan(ref, 0, 9) };
}

describe('rule 3: a replica that lags behind', () => {
  /** Answers that there is nothing yet, whatever is asked. */
  const BEHIND = 'replica.behind';
  beforeAll(() => {
    nc.subscribe(BEHIND, {
      callback: (_error, m) => {
        m.respond(new Uint8Array(), { headers: headers(404, 'Message Not Found') });
      },
    });
  });

  it('is not believed about what is not there: the leader is asked', async () => {
    const { ref, all } = await written();
    const behind = instead({ [DIRECT]: BEHIND });
    for (const stored of all) expect(await behind.at(ref, stored.position)).toEqual(stored);
    expect(await behind.at(ref, 999_999)).toBeUndefined();
    expect(await behind.at(newSession(), all[0]?.position ?? 0)).toBeUndefined();
  });

  it('does not keep a reader from what it has to reach', async () => {
    const { ref, all } = await written();
    const behind = instead({ [DIRECT]: BEHIND });
    expect(await behind.latest(ref)).toEqual([]);
    expect(await readSession(behind, ref, { through: all.at(-1)?.position ?? 0 })).toEqual(all);
  });

  it.each([
    ['that is being elected', { code: 503, err_code: 10008 }, 'log.unavailable'],
    ['that cannot read', { code: 500, err_code: 10000 }, 'log.unavailable'],
    ['that does not understand', { code: 400, err_code: 10003 }, 'log.refused'],
  ])('is not believed because of a leader %s', async (what, error, code) => {
    const { ref, all } = await written();
    const leader = answering(`leader.${what.replaceAll(' ', '-')}`, { error });
    const faulty = instead({ [DIRECT]: BEHIND, [LEADER]: leader });
    await expect(faulty.at(ref, all[0]?.position ?? 0)).rejects.toMatchObject({ code, retry: 'later' });
  });
});

describe('an append that the server answers with', () => {
  const answered = (error: object) => {
    const subject = answering(`answers.${JSON.stringify(error).replace(/\W+/gu, '-')}`, { error });
    return instead({ 'conv.': subject }).append(incoming(newSession(), opening()), 0);
  };

  it.each([10158, 10163, 10164])('%i is a conflict of which nothing more is known', async (code) => {
    expect(await answered({ code: 400, err_code: code, description: 'wrong last sequence' })).toEqual({
      kind: 'conflict',
      last: undefined,
    });
  });

  it.each([
    [{ code: 503, err_code: 10077, description: 'store is closed' }, 'log.unavailable', 'later'],
    [{ code: 503, err_code: 10023, description: 'insufficient resources' }, 'log.unavailable', 'later'],
    [{ code: 500, err_code: 10047, description: 'insufficient storage resources' }, 'log.unavailable', 'later'],
    [{ code: 400, err_code: 10054, description: 'message size exceeds maximum allowed' }, 'log.too-large', 'never'],
    [{ code: 400, err_code: 10060, description: 'expected stream does not match' }, 'log.refused', 'later'],
  ])('%j is not stored', async (error, code, retry) => {
    await expect(answered(error)).rejects.toMatchObject({ code, retry });
  });
});

describe('rule 5: an append whose answer is lost', () => {
  it('is found to have been stored when it is repeated', async () => {
    const ref = newSession();
    const event = incoming(ref, opening());
    nc.subscribe('lossy', {
      // Stores it, and tells nobody.
      callback: (_error, m) => {
        nc.publish(eventSubject(event), m.data, m.headers ? { headers: m.headers } : {});
      },
    });
    const lossy = instead({ 'conv.': 'lossy' }, 100);
    await expect(lossy.append(event, 0)).rejects.toMatchObject({ code: 'log.unavailable' });
    const again = await tailOf(log).append(event);
    expect(again.kind).toBe('duplicate');
    expect(await readSession(log, ref)).toHaveLength(1);
  });
});

describe('what somebody else has written under a session', () => {
  it('is malformed where it is no event', async () => {
    const { ref } = await written();
    const subject = eventSubject({ ...ref, type: 'utterance.received' });
    const { seq } = await jetstream(nc).publish(subject, '{}');
    const malformed = { code: 'log.malformed', retry: 'never' };
    await expect(log.at(ref, seq)).rejects.toMatchObject(malformed);
    await expect(log.latest(ref)).rejects.toMatchObject(malformed);
  });

  it('is malformed where it speaks in the name of another session', async () => {
    const { ref } = await written();
    const other = incoming(newSession(), saying('I am somebody else'));
    const { headers: block, body } = await encode(other, 0);
    const forged = headers();
    for (const line of Buffer.from((block as unknown as { encode(): Uint8Array }).encode())
      .toString()
      .split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name.startsWith('ce-')) forged.set(name, value);
    }
    const subject = eventSubject({ ...ref, type: other.type });
    const { seq } = await jetstream(nc).publish(subject, body, { headers: forged });
    await expect(log.at(ref, seq)).rejects.toMatchObject({ code: 'log.malformed', retry: 'never' });
    expect(await log.at(other, seq)).toBeUndefined();
  });
});
