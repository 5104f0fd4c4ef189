import { headers } from '@nats-io/nats-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startBroker, type TestServer } from '../testing/broker.ts';
import { incoming, newSession, opening, saying } from '../testing/rig.ts';
import { tailOf } from './append.ts';
import { jetstreamLog } from './jetstream.ts';
import { provision } from './provision.ts';
import { readSession } from './read.ts';
import { requests } from './requests.ts';
import { rawHeaders } from './wire.ts';

const NOTHING = new Uint8Array();
const LONG_MS = 60_000;
const GONE = { code: 'log.unavailable', retry: 'later' };

let broker: TestServer;
beforeEach(async () => {
  broker = await startBroker();
});
afterEach(() => broker.stop());

describe('a request', () => {
  it('is answered by whoever listens, each one by its own answer', async () => {
    const [asking, answering] = [await broker.nc(), await broker.nc()];
    answering.subscribe('echo', { callback: (_error, m) => void m.respond(m.data) });
    await answering.flush();
    const send = requests(asking);
    const bodies = Array.from({ length: 100 }, (_, i) => Buffer.from(`${i}`));
    const answers = await Promise.all(bodies.map((body) => send.one('echo', body)));
    expect(answers.map((m) => m.string())).toEqual(bodies.map(String));
  });

  it('carries headers that are written already', async () => {
    const nc = await broker.nc();
    nc.subscribe('echo', {
      callback: (_error, m) => {
        const answer = headers();
        answer.set('heard', m.headers?.get('ce-id') ?? '');
        m.respond(NOTHING, { headers: answer });
      },
    });
    const answer = await requests(nc).one('echo', NOTHING, rawHeaders('NATS/1.0\r\nce-id: 7\r\n\r\n'));
    expect(answer.headers?.get('heard')).toBe('7');
  });

  it('that nobody answers for fails at once', async () => {
    const send = requests(await broker.nc(), LONG_MS);
    await expect(send.one('nobody.listens', NOTHING)).rejects.toMatchObject(GONE);
  });

  it('that is not answered in time fails', async () => {
    const nc = await broker.nc();
    nc.subscribe('silent', { callback: () => undefined });
    await expect(requests(nc, 50).one('silent', NOTHING)).rejects.toMatchObject(GONE);
  });

  it('that is under way when the connection breaks fails then, and the next ones at once, until it is back', async () => {
    const nc = await broker.nc();
    let heard = 0;
    nc.subscribe('silent', {
      callback: () => {
        heard++;
      },
    });
    const send = requests(nc, LONG_MS);
    const waiting = send.one('silent', NOTHING);
    await expect.poll(() => heard).toBe(1);
    const failed = expect(waiting).rejects.toMatchObject(GONE);
    await broker.kill();
    await failed;
    await expect(send.one('silent', NOTHING)).rejects.toMatchObject(GONE);
    await broker.restart();
    nc.subscribe('echo', { callback: (_error, m) => void m.respond(m.data) });
    const answer = await vi.waitFor(() => send.one('echo', Buffer.from('back')), { timeout: 10_000 });
    expect(answer.string()).toBe('back');
    // What failed while the connection was gone was not kept to be sent now.
    expect(heard).toBe(1);
  });

  it('on a connection that is closed fails', async () => {
    const nc = await broker.nc();
    const send = requests(nc, LONG_MS);
    await nc.close();
    await expect(send.one('echo', NOTHING)).rejects.toMatchObject(GONE);
  });

  it('that is larger than the server takes is not tried again', async () => {
    const send = requests(await broker.nc(), LONG_MS);
    const body = new Uint8Array((1 << 20) + 1);
    await expect(send.one('echo', body)).rejects.toMatchObject({ code: 'log.too-large', retry: 'never' });
  });
});

describe('a log whose server is killed', () => {
  it('says so until it is back, and has lost nothing that it took', async () => {
    const nc = await broker.nc();
    await provision(nc, { replicas: 1, durables: [] });
    const log = jetstreamLog(nc);
    const tail = tailOf(log);
    const ref = newSession();
    await tail.append(incoming(ref, opening()));
    await broker.kill();
    const event = incoming(ref, saying('hello'));
    await expect(tail.append(event)).rejects.toMatchObject(GONE);
    await expect(log.latest(ref)).rejects.toMatchObject(GONE);
    await expect(log.at(ref, 1)).rejects.toMatchObject(GONE);
    await broker.restart();
    await vi.waitFor(() => tail.append(event), { timeout: 10_000 });
    expect((await readSession(log, ref)).map(({ envelope }) => envelope.type)).toEqual([
      'session.opened',
      'utterance.received',
    ]);
  });
});
