import { describe, expect, it } from 'vitest';
import type { TenantId } from '../../events/envelope.ts';
import { readTenants } from '../../shared/tenancy/tenants.ts';
import { addressing, endpointsOf, withAddress } from './endpoints.ts';

const ACME = 'acme' as TenantId;
const old = `whsec_${'a'.repeat(32)}`;
const next = `whsec_${'b'.repeat(32)}`;

const endpoints = (webhook: object, secrets: Readonly<Record<string, string>> = { HOOK: next }) =>
  endpointsOf(
    readTenants({
      tenants: { acme: { bot: 'shop', webhook: { secretFrom: 'HOOK', ...webhook } }, other: { bot: 'shop' } },
    }),
    (variable) => secrets[variable],
  );

describe('the endpoints of a configuration', () => {
  it('are those of the tenants that have one', () => {
    const url = 'https://hook.example/path?token=t';
    expect([...endpoints({ url })]).toEqual([
      [ACME, { name: 'hook.example', url, secrets: [next], allowPrivate: false }],
    ]);
  });

  it('sign with the new and the old secret while they are being changed', () => {
    const secrets = endpoints({ url: 'https://hook.example/' }, { HOOK: `${next} ${old}` }).get(ACME)?.secrets;
    expect(secrets).toEqual([next, old]);
  });

  it.each([
    ['http://10.0.0.7:3000/', '10.0.0.7'],
    ['http://[::1]:3000/', '1'],
    ['http://channel:3000/', 'channel'],
  ])("may be the operator's own: %s", (url, name) => {
    expect(endpoints({ url, allowPrivate: true }).get(ACME)).toMatchObject({ name, allowPrivate: true });
  });

  it.each([
    ['http://hook.example/', 'tenant acme: webhook: the endpoint is not https'],
    ['https://hook.example:22/', 'tenant acme: webhook: the endpoint has a port that is not allowed'],
    ['https://me@hook.example/', 'tenant acme: webhook: the endpoint names a user'],
  ])('are refused at start: %s', (url, message) => {
    expect(() => endpoints({ url })).toThrow(expect.objectContaining({ code: 'tenants.invalid', message }));
  });

  it.each([
    [{}, 'tenants.secret-missing'],
    [{ HOOK: ' ' }, 'tenants.secret-missing'],
    [{ HOOK: 'hunter2' }, 'tenants.invalid'],
    [{ HOOK: `${next} hunter2` }, 'tenants.invalid'],
  ])('are refused at start without a proper secret, which is not told (%#)', (secrets, code) => {
    const read = () => endpoints({ url: 'https://hook.example/' }, secrets);
    expect(read).toThrow(expect.objectContaining({ code }));
    expect(read).not.toThrow('hunter2');
  });
});

describe('the address of an event', () => {
  const webhook = { url: 'https://channel.example/', secretFrom: 'HOOK' };
  const deskWebhook = { url: 'https://desk.example/', secretFrom: 'HOOK' };
  const tenants = readTenants({
    tenants: {
      acme: { bot: 'shop', webhook, deskWebhook },
      globex: { bot: 'shop', webhook },
      initech: { bot: 'shop', deskWebhook },
    },
  });
  const [channels, desks] = [endpointsOf(tenants, () => next), endpointsOf(tenants, () => next, 'deskWebhook')];
  const addressOf = addressing(channels, desks);

  it.each([
    ['acme', 'turn.replied', 'channel.example'],
    ['acme', 'agent.replied', 'channel.example'],
    ['acme', 'policy.decided', 'desk.example'],
    ['acme', 'ticket.written', 'desk.example'],
    ['globex', 'policy.decided', undefined],
    // Somebody has to know that somebody has to come back to the customer.
    ['globex', 'ticket.written', 'channel.example'],
    ['initech', 'turn.replied', undefined],
    ['initech', 'ticket.written', 'desk.example'],
  ])('of %s and the type %s is %s', (tenant, type, name) => {
    expect(addressOf(tenant as TenantId, type)?.name).toBe(name);
  });

  it('is one of those that the consumer is made for', () => {
    expect(withAddress(tenants)).toEqual({ channels: ['acme', 'globex'], desks: ['acme', 'initech'] });
  });
});
