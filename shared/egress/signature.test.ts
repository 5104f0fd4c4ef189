import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { isSecret, signedHeaders } from './signature.ts';

const newSecret = (bytes: number) => `whsec_${randomBytes(bytes).toString('base64')}`;
const body = JSON.stringify({ type: 'turn.replied', data: { text: 'Your parcel is 在路上 🚚' } });

describe('the signature of a webhook', () => {
  it('is that of the reference implementation, for its own example', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
    expect(signedHeaders([secret], message, new Date(1_614_265_330_999))).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it.each([24, 25, 26, 32, 64])('is verified by the reference implementation, with %i bytes', (bytes) => {
    const secret = newSecret(bytes);
    const headers = signedHeaders([secret], { id: 'X', body }, new Date());
    expect(new Webhook(secret).verify(body, { ...headers })).toEqual(JSON.parse(body));
    expect(() => new Webhook(secret).verify(`${body} `, { ...headers })).toThrow('No matching signature');
    expect(() => new Webhook(newSecret(bytes)).verify(body, { ...headers })).toThrow('No matching signature');
  });

  it('is one for each secret while they are being changed', () => {
    const secrets = [newSecret(32), newSecret(32)];
    const headers = signedHeaders(secrets, { id: 'X', body }, new Date());
    expect(headers['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44}$/u);
    for (const secret of secrets) expect(new Webhook(secret).verify(body, { ...headers })).toBeTruthy();
  });
});

describe('a secret', () => {
  it.each([24, 48, 64])('may have %i bytes', (bytes) => {
    expect(isSecret(newSecret(bytes))).toBe(true);
  });

  it.each([
    '',
    'whsec_',
    'secret',
    newSecret(23),
    newSecret(65),
    randomBytes(32).toString('base64'),
    `${newSecret(32)}!`,
  ])('is not %s', (secret) => {
    expect(isSecret(secret)).toBe(false);
  });
});
