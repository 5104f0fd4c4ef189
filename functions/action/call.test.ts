import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { breakers } from '../../shared/egress/breaker.ts';
import { answering, startReceiver, type Behaviour, type Receiver } from '../../shared/egress/receiver.fixture.ts';
import { LARGEST_ANSWER } from './answer.ts';
import { calling, connectionTo, decisionId, hurriedBot, SECRET } from './testing.ts';

const ORDER = { order_number: 'TS0001' };
const REFUND = { order_number: 'TS0001', amount: '12.50' };

/** Answers with this. */
const json =
  (body: string, type = 'application/json', status = 200): Behaviour =>
  (response) =>
    void response.writeHead(status, { 'content-type': type }).end(body);

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver(json('{"order":{"status":"shipped"}}'));
});
afterEach(() => receiver.close());

const origin = () => receiver.url.replace(/\/hook$/u, '');
const caller = () => calling(connectionTo(origin()));
const sent = () => {
  const [first] = receiver.received;
  if (!first) throw new Error('nothing was sent');
  return first;
};

describe('a call of an action', () => {
  it('asks as actions.yml says, and fills slots from the answer', async () => {
    expect(await caller()('action_order_status', ORDER)).toEqual({ kind: 'done', slots: { status: 'shipped' } });
    expect(sent().path).toBe('/orders/TS0001');
  });

  it('sends a body with the values as their slots hold them, leaves out empty ones, and adds secrets by name', async () => {
    receiver.behave(json('{"refund":{"id":"R1"}}', 'application/vnd.shop+json; charset=utf-8', 201));
    expect(await caller()('action_refund', REFUND)).toEqual({ kind: 'done', slots: { status: 'R1' } });
    const { headers, body, path } = sent();
    expect(path).toBe('/refunds');
    expect(JSON.parse(body)).toEqual({ order: 'TS0001', amount: 12.5, note: 'for TS0001' });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-api-key': 'key-of-orders',
      'x-channel': 'bot',
    });
  });

  it('is signed so that the reference implementation believes it, with and without a body', async () => {
    await caller()('action_order_status', ORDER);
    await caller()('action_refund', REFUND);
    for (const { headers, body } of receiver.received) {
      expect(() => new Webhook(SECRET).verify(body || '', headers as Record<string, string>)).not.toThrow(/signature/u);
      expect(() => new Webhook(SECRET).verify(`${body} `, headers as Record<string, string>)).toThrow(/signature/u);
    }
    expect(receiver.received).toHaveLength(2);
  });

  it('carries one key for all requests of a decision, and another for the next', async () => {
    receiver.behave(json('{"refund":{"id":"R1"}}'));
    const call = caller();
    await call('action_refund', REFUND);
    await call('action_refund', REFUND);
    await call('action_refund', REFUND, { decision: decisionId(2) });
    const keys = receiver.received.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^"[0-9A-Z]{26}"$/u);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it.each([
    ['a/b?c=d&e', '/orders/a%2Fb%3Fc%3Dd%26e'],
    ['运单 1', '/orders/%E8%BF%90%E5%8D%95%201'],
    ['\r\nx: y', '/orders/%0D%0Ax%3A%20y'],
  ])('escapes what the customer said: %j', async (order_number, path) => {
    await caller()('action_order_status', { order_number });
    expect(sent().path).toBe(path);
  });

  it.each(['..', '.', '%2e%2E'])('never leaves its path: %s', async (order_number) => {
    const result = await caller()('action_order_status', { order_number });
    if (order_number.startsWith('%')) expect(sent().path).toBe('/orders/%252e%252E');
    else expect(result).toEqual({ kind: 'failed', reason: 'refused' });
  });

  it('sets what the bot says for a status that is an answer, too', async () => {
    receiver.behave(answering(404));
    expect(await caller()('action_order_status', ORDER)).toEqual({ kind: 'done', slots: { status: 'unknown' } });
  });
});

describe('an answer that cannot be used', () => {
  it.each<[string, Behaviour, string]>([
    ['is HTML', json('<html></html>', 'text/html'), 'malformed'],
    ['says that it is JSON and is not', json('<html></html>'), 'malformed'],
    ['is no JSON at all', json(''), 'malformed'],
    ['has a name twice', json('{"order":{"status":"a"},"order":{"status":"b"}}'), 'malformed'],
    [
      'is not UTF-8',
      (r) => void r.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0x22, 0xff, 0x22])),
      'malformed',
    ],
    ['lacks what is required', json('{"order":{}}'), 'malformed'],
    ['has a value of another type', json('{"order":{"status":5}}'), 'malformed'],
    ['has a value that is too long', json(JSON.stringify({ order: { status: 'x'.repeat(101) } })), 'malformed'],
    ['has control characters', json('{"order":{"status":"a\\u0000b"}}'), 'malformed'],
    ['has 5 MB', json(JSON.stringify({ order: { status: 'x' }, pad: 'x'.repeat(5 << 20) })), 'malformed'],
    ['is 204', answering(204), 'malformed'],
    [
      'stops in the middle',
      (r) =>
        void r
          .writeHead(200, { 'content-type': 'application/json', 'content-length': 99 })
          .write('{"order"', () => r.destroy()),
      'unreachable',
    ],
    ['never comes', () => undefined, 'timed-out'],
    ['never ends', (r) => void r.writeHead(200, { 'content-type': 'application/json' }).write('{"order"'), 'timed-out'],
    ['hangs up', (r) => void r.destroy(), 'unreachable'],
    ['is 400', answering(400), 'refused'],
    ['is 401', answering(401), 'refused'],
    ['is 500', answering(500), 'unreachable'],
    ['is 503', answering(503), 'unreachable'],
    ['redirects into a cloud', (r) => void r.writeHead(302, { location: 'http://169.254.169.254/' }).end(), 'refused'],
  ])('because it %s fails the action', async (_what, behaviour, reason) => {
    receiver.behave(behaviour);
    const hurried = calling(connectionTo(origin()), { botOf: () => Promise.resolve(hurriedBot()) });
    const call = reason === 'timed-out' ? hurried : caller();
    expect(await call('action_order_status', ORDER)).toEqual({ kind: 'failed', reason });
    expect(receiver.received).toHaveLength(1);
  });

  it('is read up to its limit and no further', async () => {
    const pad = (size: number) =>
      JSON.stringify({ order: { status: 'x' }, pad: '' }).replace('""', `"${'x'.repeat(size)}"`);
    const frame = pad(0).length;
    receiver.behave(json(pad(LARGEST_ANSWER - frame)));
    expect(await caller()('action_order_status', ORDER)).toMatchObject({ kind: 'done' });
    receiver.behave(json(pad(LARGEST_ANSWER - frame + 1)));
    expect(await caller()('action_order_status', ORDER)).toMatchObject({ kind: 'failed', reason: 'malformed' });
  });
});

describe('a call that is not made', () => {
  it('needs a value that is missing', async () => {
    expect(await caller()('action_order_status', {})).toEqual({ kind: 'failed', reason: 'refused' });
  });

  it('is of an action that nobody has described', async () => {
    expect(await caller()('action_unknown', {})).toEqual({ kind: 'failed', reason: 'refused' });
  });

  it('is of a tenant without an address, or without the secret', async () => {
    const { url: _url, ...nowhere } = connectionTo(origin());
    expect(await calling(nowhere)('action_order_status', ORDER)).toEqual({ kind: 'failed', reason: 'refused' });
    const poor = connectionTo(origin(), { headers: new Map() });
    expect(await calling(poor)('action_refund', REFUND)).toEqual({ kind: 'failed', reason: 'refused' });
  });

  it('goes to a private address without leave', async () => {
    const url = `https://127.0.0.1:8443`;
    const call = calling(connectionTo(url, { allowPrivate: false }));
    expect(await call('action_order_status', ORDER)).toEqual({ kind: 'failed', reason: 'refused' });
  });

  afterEach(() => {
    expect(receiver.received).toEqual([]);
  });
});

describe('a system that fails', () => {
  it('is asked again within the time of the action, with the same key', async () => {
    receiver.behave((response, nth) => {
      if (nth < 3) response.writeHead(503).end();
      else json('{"refund":{"id":"R1"}}')(response, nth, sent());
    });
    expect(await caller()('action_refund', REFUND)).toMatchObject({ kind: 'done' });
    expect(new Set(receiver.received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(receiver.received).toHaveLength(3);
  });

  it('is not asked again where it wants more time than there is', async () => {
    receiver.behave((response) => void response.writeHead(503, { 'retry-after': '60' }).end());
    expect(await caller()('action_refund', REFUND)).toMatchObject({ reason: 'unreachable' });
    expect(receiver.received).toHaveLength(1);
  });

  it('is left alone after five failures, and asked again once after the pause', async () => {
    receiver.behave(answering(500));
    const call = calling(connectionTo(origin()), { guard: breakers({ resetMs: 1_000 }) });
    for (let i = 0; i < 5; i++)
      expect(await call('action_order_status', ORDER)).toMatchObject({ reason: 'unreachable' });
    expect(await call('action_order_status', ORDER)).toEqual({ kind: 'failed', reason: 'circuit-open' });
    expect(receiver.received).toHaveLength(5);
    receiver.behave(json('{"order":{"status":"shipped"}}'));
    await expect.poll(() => call('action_order_status', ORDER), { timeout: 5_000 }).toMatchObject({ kind: 'done' });
  });

  it('leaves other actions and what was refused alone', async () => {
    receiver.behave(answering(422));
    const call = caller();
    for (let i = 0; i < 6; i++) expect(await call('action_order_status', ORDER)).toMatchObject({ reason: 'refused' });
    receiver.behave(json('{"refund":{"id":"R1"}}'));
    expect(await call('action_refund', REFUND)).toMatchObject({ kind: 'done' });
  });

  it('is not blamed for a process that has to stop: the next one asks', async () => {
    receiver.behave(() => undefined);
    const stop = new AbortController();
    const asked = caller()('action_refund', REFUND, { signal: stop.signal });
    await expect.poll(() => receiver.received.length).toBe(1);
    stop.abort();
    await expect(asked).rejects.toMatchObject({ code: 'egress.timed-out' });
  });
});

it('tells nothing of what was sent or came back', async () => {
  const behaviours: Behaviour[] = [
    json('canary', 'text/html'),
    json('canary'),
    answering(500),
    (r) => void r.destroy(),
  ];
  for (const behaviour of behaviours) {
    receiver.behave(behaviour);
    const result = await caller()('action_order_status', { order_number: 'canary' });
    expect(JSON.stringify(result)).not.toMatch(/canary|127\.0\.0\.1/u);
  }
});
