import { describe, expect, it } from 'vitest';
import type { SessionId, TenantId } from '../../events/envelope.ts';
import { TICKET_MS, voiceTickets } from './voice-ticket.ts';

const SECRET = 's'.repeat(32);
const [acme, rival] = ['acme', 'rival'] as TenantId[] as [TenantId, TenantId];
const session = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as SessionId;
const at = (ms: number, secret = SECRET) => voiceTickets(secret, () => new Date(1_800_000_000_000 + ms));

describe('a ticket', () => {
  it('says what it was made for, and no two are the same', async () => {
    const grant = { tenant: acme, session, locale: 'en', user: 'u-42' };
    const [one, other] = [await at(0).make(grant), await at(0).make(grant)];
    expect(await at(0).check(one.ticket)).toMatchObject(grant);
    expect((await at(0).check(one.ticket))?.jti).not.toBe((await at(0).check(other.ticket))?.jti);
  });

  it('is good for a minute, and only where it was made', async () => {
    const { ticket } = await at(0).make({ tenant: acme });
    expect(await at(TICKET_MS - 2_000).check(ticket)).toBeDefined();
    expect(await at(TICKET_MS + 2_000).check(ticket)).toBeUndefined();
    expect(await at(0, 'another secret of another place').check(ticket)).toBeUndefined();
    for (const wrong of ['', 'a.b.c', ticket.slice(0, -2), `${ticket}x`]) {
      expect(await at(0).check(wrong)).toBeUndefined();
    }
  });

  it('fits into 16 bytes, and names its tenant by its signature alone', () => {
    const { uuid } = at(0).makeShort(acme);
    expect(uuid).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
    expect(at(0).checkShort(uuid, [rival, acme])).toEqual({ tenant: acme, jti: uuid });
    expect(at(0).checkShort(uuid, [rival])).toBeUndefined();
    expect(at(TICKET_MS + 1_000).checkShort(uuid, [acme])).toBeUndefined();
    const other = uuid.startsWith('0') ? `1${uuid.slice(1)}` : `0${uuid.slice(1)}`;
    expect(at(0).checkShort(other, [acme])).toBeUndefined();
    expect(at(0).checkShort('nonsense', [acme])).toBeUndefined();
  });
});
