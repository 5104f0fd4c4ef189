import { jetstreamManager } from '@nats-io/jetstream';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { answering, startReceiver, type Received, type Receiver } from '../../shared/egress/receiver.fixture.ts';
import { CONVERSATIONS, STREAMS } from '../../shared/log/streams.ts';
import type { Cipher } from '../../shared/log/wire.ts';
import { newSession, typesOf } from '../../shared/testing/rig.ts';
import { endpointAt, QUICK, SECRET, startDeliveries, type Deliveries } from './deliveries.fixture.ts';
import { DUE, SPOKEN } from './provision.ts';

const ACME = 'acme' as TenantId;
const GLOBEX = 'globex' as TenantId;

let receiver: Receiver;
let d: Deliveries;
beforeEach(async () => {
  [receiver, d] = await Promise.all([startReceiver(), startDeliveries([ACME, GLOBEX])]);
});
afterEach(async () => {
  await d.stop();
  await receiver.close();
});

const toReceiver = () => new Map([[ACME, endpointAt(receiver)]]);
const textOf = ({ body }: Received) =>
  (JSON.parse(body) as { data: { messages: { text: string }[] } }).data.messages[0]?.text;
const texts = () => receiver.received.map(textOf);
const ids = () => receiver.received.map(({ headers }) => headers['webhook-id']);

describe('a reply', () => {
  it('is delivered once, and the log says so once', async () => {
    await d.host(toReceiver());
    const reply = await d.say('Your parcel is on its way');
    await expect
      .poll(() => d.outcomes(reply))
      .toEqual([{ type: 'reply.delivered', data: { endpoint: 'hook', status: 200, attempts: 1 } }]);
    await d.settled();
    expect(receiver.received).toHaveLength(1);
    const { headers, body } = receiver.received[0] as Received;
    expect(headers['webhook-id']).toBe(reply.envelope.id);
    expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'turn.replied',
      data: { session: reply.envelope.session, position: reply.position },
    });
  });

  it('of a tenant without an address is not even looked for', async () => {
    await d.host(toReceiver());
    const other = newSession('initech' as TenantId);
    const unconfigured = newSession(GLOBEX);
    await d.say('nobody asked', other);
    await d.say('nobody asked', unconfigured);
    const reply = await d.say('hello');
    await expect.poll(() => d.outcomes(reply)).toHaveLength(1);
    await d.settled();
    expect(texts()).toEqual(['hello']);
    expect(await typesOf(d.log, other)).toEqual(['session.opened', 'turn.replied']);
    expect(await typesOf(d.log, unconfigured)).toEqual(['session.opened', 'turn.replied']);
    const { delivered } = await (await jetstreamManager(d.nc)).consumers.info(CONVERSATIONS, SPOKEN);
    // That of the tenant which the consumer knows and the configuration does not, and the one that was delivered.
    expect(delivered.consumer_seq).toBe(2);
  });

  it('comes again after a failure, with the same id and body', async () => {
    receiver.behave(answering(500, 302, 200));
    await d.host(toReceiver());
    const reply = await d.say('hello');
    await expect.poll(() => d.outcomes(reply)).toMatchObject([{ type: 'reply.delivered', data: { attempts: 3 } }]);
    await d.settled();
    const { id } = reply.envelope;
    expect(ids()).toEqual([id, id, id]);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  });

  it('is parked after the last attempt', async () => {
    receiver.behave(answering(503));
    await d.host(toReceiver());
    const reply = await d.say('hello');
    await expect
      .poll(() => d.outcomes(reply))
      .toEqual([
        {
          type: 'reply.delivery-failed',
          data: { endpoint: 'hook', reason: 'the endpoint answered 503', attempts: QUICK.length },
        },
      ]);
    await d.settled();
    expect(receiver.received).toHaveLength(QUICK.length);
  });

  it('is parked at once where the endpoint is gone', async () => {
    receiver.behave(answering(410));
    await d.host(toReceiver());
    const reply = await d.say('hello');
    await expect
      .poll(() => d.outcomes(reply))
      .toMatchObject([{ type: 'reply.delivery-failed', data: { attempts: 1 } }]);
    await d.settled();
    expect(receiver.received).toHaveLength(1);
  });

  it('comes again not before the time that the endpoint names', async () => {
    const at: number[] = [];
    receiver.behave((response, nth) => {
      at.push(performance.now());
      if (nth === 1) response.writeHead(429, { 'retry-after': '1' }).end();
      else response.end();
    });
    await d.host(toReceiver());
    const reply = await d.say('hello');
    await expect.poll(() => d.outcomes(reply), { timeout: 5_000 }).toMatchObject([{ type: 'reply.delivered' }]);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(990);
  });

  it('to a slow endpoint is not handed to somebody else meanwhile', async () => {
    // Longer than the acknowledgement wait of these tests.
    receiver.behave((response) => setTimeout(() => response.end(), 1_800));
    await d.host(toReceiver(), { timeoutMs: 5_000 });
    const reply = await d.say('hello');
    await expect.poll(() => d.outcomes(reply), { timeout: 5_000 }).toHaveLength(1);
    const { delivered } = await (await jetstreamManager(d.nc)).consumers.info(CONVERSATIONS, SPOKEN);
    expect(delivered.consumer_seq).toBe(1);
  });

  it('of a session that was erased meanwhile goes nowhere, and is not brought back', async () => {
    receiver.behave(answering(500));
    const host = await d.host(toReceiver(), { schedule: [0, 300, 300] });
    const reply = await d.say('hello');
    await expect.poll(() => receiver.received.length).toBe(1);
    await d.settled();
    await d.log.purge(reply.envelope, reply.position);
    const jsm = await jetstreamManager(d.nc);
    const due = async () => (await jsm.consumers.info('TIMERS', DUE)).delivered.consumer_seq;
    await expect.poll(due).toBe(1);
    await d.settled();
    await host.stop();
    expect(receiver.received).toHaveLength(1);
    expect(await typesOf(d.log, reply.envelope)).toEqual([]);
  });
});

describe('replies', () => {
  it('of a session go out in order, as long as all goes well', async () => {
    const ref = newSession();
    const said = Array.from({ length: 12 }, (_, i) => `${i}`);
    for (const text of said) await d.say(text, ref);
    // The later ones are answered faster.
    receiver.behave((response, nth) => setTimeout(() => response.end(), 30 - 2 * nth));
    await d.host(toReceiver());
    await expect.poll(() => receiver.received.length).toBe(said.length);
    expect(texts()).toEqual(said);
  });

  it('are not held up by one that fails', async () => {
    const ref = newSession();
    receiver.behave(answering(500, 200));
    await d.host(toReceiver(), { schedule: [0, 400] });
    await d.say('first', ref);
    await d.say('second', ref);
    await expect.poll(texts).toEqual(['first', 'second', 'first']);
  });

  it('are not held up by an endpoint of somebody else that never answers', async () => {
    const silent = await startReceiver(() => undefined);
    await d.host(
      new Map([
        [ACME, endpointAt(receiver)],
        [GLOBEX, endpointAt(silent)],
      ]),
    );
    for (let i = 0; i < 40; i++) await d.say('to nobody', newSession(GLOBEX));
    await expect.poll(() => silent.received.length).toBe(16);
    const reply = await d.say('hello');
    await expect.poll(() => d.outcomes(reply)).toMatchObject([{ type: 'reply.delivered' }]);
    expect(silent.received).toHaveLength(16);
    await silent.close();
  });

  it('to an endpoint that has enough to do come again, and lose no attempt by it', async () => {
    let release = () => {};
    const free = new Promise<void>((resolve) => (release = resolve));
    receiver.behave((response) => void free.then(() => response.end()));
    await d.host(toReceiver(), { timeoutMs: 20_000, schedule: [0], concurrency: 2 });
    const replies = await Promise.all(Array.from({ length: 90 }, (_, i) => d.say(`${i}`)));
    const jsm = await jetstreamManager(d.nc);
    // What finds no room waits on the timers' stream, and nobody's place is taken.
    await expect.poll(async () => (await jsm.streams.info('TIMERS')).state.messages).toBe(24);
    release();
    const delivered = async () => (await Promise.all(replies.map((r) => d.outcomes(r)))).flat();
    await expect.poll(async () => (await delivered()).length, { timeout: 15_000, interval: 200 }).toBe(90);
    expect(new Set((await delivered()).map((o) => JSON.stringify(o))).size).toBe(1);
    expect(new Set(texts()).size).toBe(90);
  });
});

describe('the content of a reply', () => {
  it('stands in no stream but that of conversations, and there encrypted', async () => {
    const cipher: Cipher = { seal: (_event, data) => flip(data), open: (_event, sealed) => flip(sealed) };
    const sealed = await startDeliveries([ACME], cipher);
    receiver.behave(answering(500, 200));
    await sealed.host(toReceiver(), { cipher });
    const reply = await sealed.say('canary');
    await expect.poll(() => sealed.outcomes(reply)).toMatchObject([{ data: { attempts: 2 } }]);
    expect(texts()).toEqual(['canary', 'canary']);
    const jsm = await jetstreamManager(sealed.nc);
    const seen: string[] = [];
    for (const stream of STREAMS) {
      const state = await jsm.streams.info(stream).then(
        (info) => info.state,
        () => undefined,
      );
      for (let seq = state?.first_seq ?? 1; seq <= (state?.last_seq ?? 0); seq++) {
        const m = await jsm.streams.getMessage(stream, { seq }).catch(() => null);
        if (m) seen.push(`${m.subject} ${m.string()}`);
      }
    }
    await sealed.stop();
    expect(seen.some((line) => line.startsWith('timer.due.deliver.'))).toBe(true);
    expect(seen.join('\n')).not.toContain('canary');
  });
});

const flip = (data: Uint8Array): Uint8Array => data.map((byte) => byte ^ 0xff);
