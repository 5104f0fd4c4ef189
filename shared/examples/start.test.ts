import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedHeaders } from '../egress/signature.ts';
import { startExamples, type Examples } from './start.ts';

const SECRET = `whsec_${'a'.repeat(32)}`;

let examples: Examples;
beforeAll(async () => {
  examples = await startExamples({ port: 0 });
});
afterAll(() => examples.stop());

const get = async (path: string) => {
  const response = await fetch(examples.url + path);
  return { status: response.status, body: await response.json() };
};
const post = async (path: string, body: object, key?: string) => {
  const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) };
  const response = await fetch(examples.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
};

describe('the example shop', () => {
  it('knows orders by their numbers', async () => {
    expect(await get('/orders/TS12345672')).toMatchObject({ status: 200, body: { order: { status: 'shipped' } } });
    expect(await get('/orders/TS12345679')).toMatchObject({ status: 404 });
    expect(await get('/orders/nonsense')).toMatchObject({ status: 404 });
  });

  it('refunds once for each key', async () => {
    const refund = { order: 'TS0001', amount: 20 };
    const [one, two] = [await post('/refunds', refund, '"a"'), await post('/refunds', refund, '"a"')];
    expect(one).toMatchObject({ status: 201, body: { refund } });
    expect(two).toEqual(one);
    await post('/refunds', refund, '"b"');
    expect(examples.refunds).toHaveLength(2);
  });

  it('refuses what it cannot do', async () => {
    expect(await post('/refunds', { order: 'TS0001', amount: 501 })).toMatchObject({ status: 422 });
    expect(await post('/refunds', { order: 'TS0009', amount: 1 })).toMatchObject({ status: 404 });
    expect(await post('/refunds', { order: 'TS0001' })).toMatchObject({ status: 400 });
  });
});

describe('the example bank', () => {
  it('transfers once for each key, and never more than there is', async () => {
    const transfer = { to: 'Ada', amount: 300 };
    const first = await post('/transfers', transfer, '"t"');
    expect(first).toMatchObject({ status: 201, body: { balance: 700 } });
    expect(await post('/transfers', transfer, '"t"')).toEqual(first);
    expect(await post('/transfers', { to: 'Ada', amount: 701 }, '"u"')).toMatchObject({ status: 422 });
    expect(await get('/accounts/main/balance')).toMatchObject({ body: { balance: 700, currency: 'EUR' } });
    expect(examples.transfers).toMatchObject([transfer]);
  });

  it('blocks a card for good', async () => {
    expect(await get('/cards/1234')).toMatchObject({ body: { card: { blocked: false } } });
    await post('/cards/1234/block', {});
    expect(await get('/cards/1234')).toMatchObject({ body: { card: { blocked: true } } });
    expect(await post('/cards/12/block', {})).toMatchObject({ status: 404 });
  });
});

describe('examples with a secret', () => {
  let signed: Examples;
  beforeAll(async () => {
    signed = await startExamples({ port: 0, secret: SECRET });
  });
  afterAll(() => signed.stop());
  const ask = async (headers: Readonly<Record<string, string>>) =>
    (await fetch(`${signed.url}/orders/TS0001`, { headers })).status;

  it('answer what is signed, by us or by the reference implementation', async () => {
    const now = new Date();
    expect(await ask(signedHeaders([SECRET], { id: 'X', body: '' }, now))).toBe(200);
    const timestamp = String(Math.floor(now.getTime() / 1_000));
    const signature = new Webhook(SECRET).sign('X', now, '');
    expect(await ask({ 'webhook-id': 'X', 'webhook-timestamp': timestamp, 'webhook-signature': signature })).toBe(200);
  });

  it.each([
    ['is not signed', {}],
    ['is signed by somebody else', signedHeaders([`whsec_${'b'.repeat(32)}`], { id: 'X', body: '' }, new Date())],
    ['has another body', signedHeaders([SECRET], { id: 'X', body: '{}' }, new Date())],
    ['is old', signedHeaders([SECRET], { id: 'X', body: '' }, new Date(Date.now() - 301_000))],
    ['has another id', { ...signedHeaders([SECRET], { id: 'X', body: '' }, new Date()), 'webhook-id': 'Y' }],
  ])('refuse what %s', async (_what, headers) => {
    expect(await ask(headers)).toBe(401);
  });
});
