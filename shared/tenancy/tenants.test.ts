import { describe, expect, it } from 'vitest';
import { hashOfKey, holderOfKey, newApiKey } from './api-key.ts';
import { authenticator } from './authenticate.ts';
import { readTenants } from './tenants.ts';

const claims = { issuer: 'https://login.example', audience: 'turnstream' };
const publicKey = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };

describe('the configuration of tenants', () => {
  it('is read with its defaults', () => {
    const tenants = readTenants({ tenants: { acme: { bot: 'shop' } } });
    expect([...tenants.values()]).toEqual([{ id: 'acme', bot: 'shop', keys: [] }]);
  });

  it.each([
    ['a tenant that cannot stand in a subject', { 'Acme.>': { bot: 'shop' } }],
    ['no bot', { acme: {} }],
    ['a key in plain text', { acme: { bot: 'shop', keys: ['ts_acme_secret'] } }],
    ['an unknown field', { acme: { bot: 'shop', admin: true } }],
    ['a limit of nothing', { acme: { bot: 'shop', limits: { requestsPerSecond: 0 } } }],
    ['no algorithm', { acme: { bot: 'shop', jwt: { ...claims, algorithms: [], keys: [publicKey] } } }],
    ['the algorithm none', { acme: { bot: 'shop', jwt: { ...claims, algorithms: ['none'], keys: [publicKey] } } }],
    [
      'a secret algorithm for a public key',
      { acme: { bot: 'shop', jwt: { ...claims, algorithms: ['HS256'], keys: [publicKey] } } },
    ],
    [
      'a public algorithm for a secret',
      { acme: { bot: 'shop', jwt: { ...claims, algorithms: ['RS256'], secretFrom: 'S' } } },
    ],
    [
      'a private key',
      { acme: { bot: 'shop', jwt: { ...claims, algorithms: ['ES256'], keys: [{ ...publicKey, d: 'd' }] } } },
    ],
    [
      'a secret in plain text',
      { acme: { bot: 'shop', jwt: { ...claims, algorithms: ['HS256'], secretFrom: 'my secret' } } },
    ],
  ])('with %s is refused', (_what, tenants) => {
    expect(() => readTenants({ tenants })).toThrow(expect.objectContaining({ code: 'tenants.invalid' }) as Error);
  });
});

describe('an API key', () => {
  const key = newApiKey('acme');
  const other = newApiKey('rival');
  const tenants = readTenants({
    tenants: {
      acme: { bot: 'shop', keys: [hashOfKey('old'), hashOfKey(key)] },
      rival: { bot: 'shop', keys: [hashOfKey(other)] },
    },
  });

  it('belongs to its tenant', () => {
    expect(holderOfKey(tenants, key)?.tenant).toBe('acme');
    expect(holderOfKey(tenants, other)?.tenant).toBe('rival');
  });

  it('may belong to an agent of the tenant', () => {
    const [own, agents] = [newApiKey('acme'), newApiKey('acme')];
    const ann = { keys: [hashOfKey(agents)], skills: ['refunds'] };
    const acme = { bot: 'shop', keys: [hashOfKey(own)], agents: { ann, ben: {} } };
    const staffed = readTenants({ tenants: { acme, rival: { bot: 'shop' } } });
    expect(holderOfKey(staffed, own)).toEqual({ tenant: 'acme' });
    expect(holderOfKey(staffed, agents)).toEqual({ tenant: 'acme', agent: { name: 'ann', skills: ['refunds'] } });
    expect(holderOfKey(staffed, agents.replace('ts_acme_', 'ts_rival_'))).toBeUndefined();
  });

  it('does not open another tenant by its name', () => {
    expect(holderOfKey(tenants, key.replace('ts_acme_', 'ts_rival_'))).toBeUndefined();
  });

  it.each([
    '',
    'old',
    'ts_acme_',
    'ts_acme_short',
    `${key}x`,
    key.slice(0, -1),
    'ts__proto__0123456789abcdef',
    'ts_demo_0123456789abcdef',
  ])('is not %j', (wrong) => {
    expect(holderOfKey(tenants, wrong)).toBeUndefined();
  });

  it('is shown as a bearer token', () => {
    const authenticate = authenticator({ tenants, openDemo: false });
    const host = 'api.example';
    for (let time = 0; time < 2; time++) {
      expect(authenticate({ authorization: `Bearer ${key}`, host })).toEqual({ tenant: 'acme' });
      expect(authenticate({ authorization: `bearer ${key}`, host })).toEqual({ tenant: 'acme' });
      expect(authenticate({ authorization: key, host })).toBeUndefined();
      expect(authenticate({ authorization: `Basic ${key}`, host })).toBeUndefined();
      expect(authenticate({ authorization: `Bearer ${key} ${other}`, host })).toBeUndefined();
      expect(authenticate({ authorization: '', host })).toBeUndefined();
    }
  });
});

describe('without a key', () => {
  const tenants = readTenants({ tenants: {} });

  it('one is nobody', () => {
    expect(
      authenticator({ tenants, openDemo: false })({ authorization: undefined, host: 'localhost' }),
    ).toBeUndefined();
  });

  it.each(['localhost', 'localhost:8080', '127.0.0.1:8080', '127.1.2.3', '[::1]:8080'])(
    'one may belong to the demo tenant on %s',
    (host) => {
      expect(authenticator({ tenants, openDemo: true })({ authorization: undefined, host })).toEqual({
        tenant: 'demo',
      });
    },
  );

  it.each([undefined, '', 'evil.example', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1:8080'])(
    'one is nobody where the page of another site leads here as %s',
    (host) => {
      expect(authenticator({ tenants, openDemo: true })({ authorization: undefined, host })).toBeUndefined();
    },
  );

  it('a wrong key is not forgiven', () => {
    const authenticate = authenticator({ tenants, openDemo: true });
    expect(authenticate({ authorization: 'Bearer ts_demo_0123456789abcdef', host: 'localhost' })).toBeUndefined();
  });
});
