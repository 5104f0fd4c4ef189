import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import type { EventId } from '../../events/envelope.ts';
import { breakers } from '../../shared/egress/breaker.ts';
import { egress, type Egress } from '../../shared/egress/post.ts';
import { answering, startReceiver, type Behaviour, type Receiver } from '../../shared/egress/receiver.fixture.ts';
import type { Endpoint } from './handler.ts';
import { webhooks } from './webhook.ts';

const secret = `whsec_${'a'.repeat(32)}`;
const notification = { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' as EventId, body: '{"text":"canary-customer-text"}' };
const signal = new AbortController().signal;

let receiver: Receiver;
let out: Egress;
beforeEach(async () => {
  receiver = await startReceiver();
  out = egress({ timeoutMs: 300 });
});
afterEach(async () => {
  out.close();
  await receiver.close();
});

function sender(now = () => new Date()) {
  const post = webhooks({ post: out.post, guard: breakers(), now });
  return (over: Partial<Endpoint> = {}) =>
    post({ name: 'hook', url: receiver.url, secrets: [secret], allowPrivate: true, ...over }, notification, signal);
}

describe('a webhook', () => {
  it('is one that the reference implementation accepts', async () => {
    expect(await sender()()).toEqual({ kind: 'delivered', status: 200 });
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
    expect(headers['content-type']).toBe('application/json');
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(notification.body));
  });

  it('has the same id and body at each attempt, and a new time', async () => {
    const times = [1_700_000_000_000, 1_700_000_400_000];
    const send = sender(() => new Date(times.shift() ?? 0));
    receiver.behave(answering(500, 200));
    expect([await send(), await send()]).toMatchObject([{ kind: 'failed' }, { kind: 'delivered' }]);
    const [one, two] = receiver.received;
    expect(two?.body).toBe(one?.body);
    expect([one, two].map((r) => r?.headers['webhook-id'])).toEqual([notification.id, notification.id]);
    expect([one, two].map((r) => r?.headers['webhook-timestamp'])).toEqual(['1700000000', '1700000400']);
    expect(two?.headers['webhook-signature']).not.toBe(one?.headers['webhook-signature']);
  });

  it.each([200, 201, 202, 204, 226, 299])('was taken where the answer is %i', async (status) => {
    receiver.behave(answering(status));
    expect(await sender()()).toEqual({ kind: 'delivered', status });
  });

  it.each([300, 301, 302, 304, 307, 400, 401, 404, 422, 500, 501, 502, 503, 504])(
    'was not where it is %i',
    async (status) => {
      receiver.behave(answering(status));
      const attempt = await sender()();
      expect(attempt).toEqual({ kind: 'failed', reason: `the endpoint answered ${status}`, final: false });
    },
  );

  it('is not wanted any more where the answer is 410', async () => {
    receiver.behave(answering(410));
    expect(await sender()()).toMatchObject({ kind: 'failed', final: true });
  });

  it.each([429, 502, 503, 504])('comes again no sooner than the answer %i asks for', async (status) => {
    receiver.behave((response) => response.writeHead(status, { 'retry-after': '120' }).end());
    expect(await sender()()).toMatchObject({ kind: 'failed', final: false, retryAfterMs: 120_000 });
  });

  it.each<[string, Behaviour, string]>([
    [
      'redirects into a cloud',
      (r) => r.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      'the endpoint answered 302',
    ],
    ['never answers', () => undefined, 'no answer in time'],
    ['hangs up', (r) => r.destroy(), 'no answer from the endpoint (ECONNRESET)'],
  ])('fails where the endpoint %s', async (_what, behaviour, reason) => {
    receiver.behave(behaviour);
    expect(await sender()()).toEqual({ kind: 'failed', reason, final: false });
    expect(receiver.received).toHaveLength(1);
  });

  it('is delivered where the answer is huge', async () => {
    receiver.behave((response) => response.writeHead(200).end(Buffer.alloc(4 << 20)));
    expect(await sender()()).toEqual({ kind: 'delivered', status: 200 });
  });

  it('never goes to a private address without leave', async () => {
    const attempt = await sender()({ url: 'https://127.0.0.1:8443/', allowPrivate: false });
    expect(attempt).toEqual({
      kind: 'failed',
      reason: 'the endpoint is at a refused address (loopback)',
      final: false,
    });
  });

  it('leaves a dead endpoint alone for a while', async () => {
    receiver.behave(answering(500));
    const send = sender();
    for (let i = 0; i < 5; i++) await send();
    expect(await send()).toMatchObject({ kind: 'failed', final: false, retryAfterMs: 30_000 });
    expect(receiver.received).toHaveLength(5);
  });

  it('never tells in its reason what was sent, what came back, or where to', async () => {
    const behaviours: Behaviour[] = [
      (r) => r.writeHead(500, 'canary-reason').end('canary-answer'),
      (r) => r.writeHead(301, { location: 'https://canary.example/' }).end(),
      (r) => r.socket?.end('canary garbage\r\n\r\n'),
      (r) => r.destroy(),
      () => undefined,
    ];
    for (const behaviour of behaviours) {
      receiver.behave(behaviour);
      const attempt = JSON.stringify(await sender()({ url: `${receiver.url}?canary-token` }));
      expect(attempt).not.toMatch(/canary|127\.0\.0\.1/u);
    }
  });
});
