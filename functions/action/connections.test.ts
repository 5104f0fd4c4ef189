import { describe, expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { connectionsOf } from './connections.ts';
import { SECRET } from './testing.ts';

const VARIABLES: Readonly<Record<string, string>> = {
  SIGNING: `${SECRET} ${SECRET}`,
  KEY: 'Bearer abc',
  BAD: 'a\r\nb: c',
};
const read = (actions: object) =>
  connectionsOf(readTenants({ tenants: { acme: { bot: 'desk', actions } } }), (name) => VARIABLES[name]).get(
    'acme' as TenantId,
  );

describe("a tenant's own systems", () => {
  it('are named in its configuration, and their secrets only by reference', () => {
    expect(read({ url: 'https://erp.acme.example/bot/', secretFrom: 'SIGNING', headers: { orders: 'KEY' } })).toEqual({
      url: 'https://erp.acme.example/bot',
      secrets: [SECRET, SECRET],
      headers: new Map([['orders', 'Bearer abc']]),
      allowPrivate: false,
    });
  });

  it.each([
    [{ secretFrom: 'MISSING' }, 'the variable MISSING is not set'],
    [{ secretFrom: 'KEY' }, 'the variable KEY is not a secret'],
    [{ headers: { orders: 'MISSING' } }, 'the variable MISSING is not set'],
    [{ headers: { orders: 'BAD' } }, 'the variable BAD is not the value of a header'],
    [{ url: 'http://erp.acme.example' }, 'tenant acme: actions: the endpoint is not https'],
    [{ url: 'https://user:pass@erp.acme.example' }, 'tenant acme: actions: the endpoint names a user'],
  ])('are refused at start: %j', (actions, message) => {
    expect(() => read(actions)).toThrow(message);
    expect(() => read(actions)).not.toThrow(/Bearer|whsec_a/u);
  });

  it('may be plain HTTP on a private network where the operator says so', () => {
    expect(read({ url: 'http://10.0.0.5:8080', allowPrivate: true })).toMatchObject({ allowPrivate: true });
  });
});
