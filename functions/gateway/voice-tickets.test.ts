import { describe, expect, it } from 'vitest';
import { voiceTickets } from '../../shared/tenancy/voice-ticket.ts';
import { ACME, clientOf, memoryGateway, RIVAL } from './gateway.fixture.ts';

const { app } = memoryGateway();
const ask = async (body: object, key?: string) =>
  app.request('/v1/voice/tickets', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(body),
  });
const tickets = voiceTickets('the secret of all gateways', () => new Date());

describe('a ticket for a call', () => {
  it('is for the tenant that asked, and says what is spoken', async () => {
    const response = await ask({ locale: 'en' }, ACME);
    expect(response.status).toBe(201);
    const { ticket, uuid, expiresAt } = (await response.json()) as Record<string, string>;
    expect(await tickets.check(ticket ?? '')).toMatchObject({ tenant: 'acme', locale: 'en' });
    expect(tickets.checkShort(uuid ?? '', ['rival', 'acme'] as never)).toMatchObject({ tenant: 'acme' });
    expect(new Date(expiresAt ?? '').getTime()).toBeGreaterThan(Date.now());
  });

  it('may be for a session of the tenant’s own, and is too short for AudioSocket then', async () => {
    const client = clientOf((path, init) => Promise.resolve(app.request(path, init)), ACME);
    const { body } = await client.post('/v1/sessions', { locale: 'en' });
    const { session } = body as { session: string };
    const made = (await (await ask({ session }, ACME)).json()) as Record<string, string>;
    expect(await tickets.check(made['ticket'] ?? '')).toMatchObject({ tenant: 'acme', session });
    expect(made['uuid']).toBeUndefined();
    expect((await ask({ session }, RIVAL)).status).toBe(404);
  });

  it('is not made for nobody, nor for what is no session', async () => {
    expect((await ask({})).status).toBe(401);
    expect((await ask({ session: 'mine' }, ACME)).status).toBe(400);
    expect((await ask({ locale: '!' }, ACME)).status).toBe(400);
    expect((await ask({ tenant: 'rival' }, ACME)).status).toBe(400);
  });
});
