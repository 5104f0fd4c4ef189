import { Buffer } from 'node:buffer';
import { CompactSign, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTenants, type Tenants } from './tenants.ts';
import { AUDIENCE, ISSUER, NOW, testIssuer, usualClaims, type TestIssuer } from './tokens.fixture.ts';
import { tokensOf, type Tokens } from './tokens.ts';

const seconds = Math.floor(NOW.getTime() / 1_000);
const jwtOf = (issuer: TestIssuer, iss = ISSUER) => ({
  issuer: iss,
  audience: AUDIENCE,
  algorithms: ['ES256'],
  keys: [issuer.publicJwk],
});
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

let acme: TestIssuer;
let rival: TestIssuer;
let tenants: Tenants;
let tokens: Tokens;

beforeAll(async () => {
  acme = await testIssuer();
  rival = await testIssuer();
  tenants = readTenants({
    tenants: {
      acme: { bot: 'a', jwt: jwtOf(acme) },
      rival: { bot: 'b', jwt: jwtOf(rival) },
      shared: {
        bot: 'c',
        jwt: {
          issuer: 'https://secret.example',
          audience: AUDIENCE,
          algorithms: ['HS256'],
          secretFrom: 'SHARED_SECRET',
        },
      },
    },
  });
  tokens = await tokensOf(tenants, { secret: () => 'a secret that is long enough for HS256', now: () => NOW });
});

describe('a token', () => {
  it('names a tenant and its user', async () => {
    expect(await tokens(await acme.token())).toEqual({ tenant: 'acme', user: 'user-7' });
  });

  it('of the role agent names an agent, and what he knows about', async () => {
    const agent = async (claims: Record<string, unknown>) => tokens(await acme.token({ role: 'agent', ...claims }));
    expect(await agent({})).toEqual({ tenant: 'acme', agent: { name: 'user-7' } });
    expect(await agent({ name: 'ann', skills: ['refunds'] })).toEqual({
      tenant: 'acme',
      agent: { name: 'ann', skills: ['refunds'] },
    });
    expect(await agent({ name: 'ann\n' })).toBeUndefined();
    expect(await agent({ skills: 'refunds' })).toBeUndefined();
    expect(await tokens(await acme.token({ role: 'customer' }))).toEqual({ tenant: 'acme', user: 'user-7' });
  });

  it('is believed with the secret that the configuration names', async () => {
    const token = await new SignJWT({ ...usualClaims(), iss: 'https://secret.example', tenant: 'shared' })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode('a secret that is long enough for HS256'));
    expect(await tokens(token)).toEqual({ tenant: 'shared', user: 'user-7' });
  });

  it('with another algorithm than the configured one is not believed, not even with the right secret', async () => {
    const token = await new SignJWT({ ...usualClaims(), iss: 'https://secret.example', tenant: 'shared' })
      .setProtectedHeader({ alg: 'HS512' })
      .sign(new TextEncoder().encode('a secret that is long enough for HS256'));
    expect(await tokens(token)).toBeUndefined();
  });

  it.each([
    ['has expired', { exp: seconds - 10 }],
    ['never expires', { exp: undefined }],
    ['expires at a time that is no number', { exp: 'tomorrow' }],
    ['is not valid yet', { nbf: seconds + 60 }],
    ['is for somebody else', { aud: 'another-service' }],
    ['is for nobody', { aud: undefined }],
    ['comes from somebody else', { iss: 'https://login.evil.example' }],
    ['names no tenant', { tenant: undefined }],
    ['names another tenant than its issuer', { tenant: 'rival' }],
    ['names several tenants', { tenant: ['acme', 'rival'] }],
    ['names no user', { sub: undefined }],
    ['names an empty user', { sub: '' }],
    ['names half a user', { sub: 'user\ud800' }],
  ])('that %s is not believed', async (_why, claims) => {
    expect(await tokens(await acme.token(claims))).toBeUndefined();
  });

  it('of one tenant is not believed for another', async () => {
    expect(await tokens(await rival.token({ tenant: 'acme' }))).toBeUndefined();
  });

  it('without a signature is not believed', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
      expect(await tokens(`${encoded({ alg })}.${encoded(usualClaims())}.`)).toBeUndefined();
    }
    const signed = await acme.token();
    expect(await tokens(signed.slice(0, signed.lastIndexOf('.') + 1))).toBeUndefined();
  });

  it('signed with the public key as if that were a secret is not believed', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(acme.publicJwk));
    const token = await new SignJWT(usualClaims()).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret);
    expect(await tokens(token)).toBeUndefined();
  });

  it('brings no key of its own', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    for (const header of [
      { jwk },
      { jku: 'http://127.0.0.1:1/keys' },
      { x5u: 'http://127.0.0.1:1/cert' },
      { kid: '../key' },
    ]) {
      const token = await new SignJWT(usualClaims()).setProtectedHeader({ alg: 'ES256', ...header }).sign(privateKey);
      expect(await tokens(token)).toBeUndefined();
    }
  });

  it('with an extension that has to be understood is not believed', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const token = await new CompactSign(new TextEncoder().encode(JSON.stringify(usualClaims())))
      .setProtectedHeader({ alg: 'ES256', crit: ['exp2'], exp2: 1 })
      .sign(privateKey, { crit: { exp2: true } });
    expect(await tokens(token)).toBeUndefined();
  });

  it.each(['', 'a', 'a.b', 'a.b.c', '..', 'ey.ey.ey', 'a.b.c.d.e'])('%j is none', async (token) => {
    expect(await tokens(token)).toBeUndefined();
  });

  it('that was believed once is not believed after it has expired', async () => {
    let now = NOW;
    const clocked = await tokensOf(tenants, { secret: () => 'x'.repeat(32), now: () => now });
    const token = await acme.token({ exp: seconds + 30 });
    expect(await clocked(token)).toBeDefined();
    now = new Date(NOW.getTime() + 29_000);
    expect(await clocked(token)).toBeDefined();
    now = new Date(NOW.getTime() + 36_000);
    expect(await clocked(token)).toBeUndefined();
  });

  it('needs the secret that the configuration names, at start', async () => {
    await expect(tokensOf(tenants, { secret: () => undefined, now: () => NOW })).rejects.toMatchObject({
      code: 'tenants.secret-missing',
    });
    await expect(tokensOf(tenants, { secret: () => 'short', now: () => NOW })).rejects.toMatchObject({
      code: 'tenants.secret-missing',
    });
  });
});
