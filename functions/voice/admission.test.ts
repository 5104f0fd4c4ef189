import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authenticator } from '../../shared/tenancy/authenticate.ts';
import { voiceTickets } from '../../shared/tenancy/voice-ticket.ts';
import { TENANT } from '../../shared/testing/rig.ts';
import { doors, type Handshake } from './admission.ts';
import type { LineEvent } from './lines/line.ts';
import { API_KEY, SESSION_KEY, TWILIO_TOKEN, voiceTenants } from './platform.fixture.ts';

const tenants = voiceTenants();
const tickets = voiceTickets(SESSION_KEY, () => new Date());
const secrets: Readonly<Record<string, string>> = { TWILIO_TOKEN_OF_ACME: TWILIO_TOKEN };
const door = doors({
  tenants,
  tickets,
  authenticate: authenticator({ tenants, openDemo: false }),
  secret: (variable) => secrets[variable],
});
const shaking = (over: Partial<Handshake> = {}): Handshake => ({
  path: '/v1/voice/twilio',
  url: '/v1/voice/twilio',
  query: {},
  headers: {},
  ...over,
});
const started = (over: object) =>
  ({ kind: 'started', gateway: 'twilio', callId: 'CA1', parameters: {}, ...over }) as unknown as Extract<
    LineEvent,
    { kind: 'started' }
  >;

describe('at the handshake', () => {
  const path = '/v1/voice/acme/twilio';
  const signed = (address: string, token = TWILIO_TOKEN) => createHmac('sha1', token).update(address).digest('base64');
  const twilio = (signature: string) =>
    door.atHandshake(
      shaking({ path, url: path, headers: { host: 'voice.example.com', 'x-twilio-signature': signature } }),
    );

  it('Twilio is known by its signature, with the scheme that it has dialled', async () => {
    const trusted = { caller: { tenant: TENANT }, isTrusted: true };
    expect(await twilio(signed(`wss://voice.example.com${path}`))).toEqual(trusted);
    expect(await twilio(signed(`https://voice.example.com${path}`))).toEqual(trusted);
    expect(await twilio(signed(`wss://voice.example.com${path}`, 'another token'))).toBe('refused');
    expect(await twilio(signed(`wss://elsewhere.example.com${path}`))).toBe('refused');
    expect(await twilio('')).toBe('refused');
  });

  it('an API key is trusted, as a bearer or as a password, and a ticket only with what it says', async () => {
    const trusted = { caller: { tenant: TENANT }, isTrusted: true };
    expect(await door.atHandshake(shaking({ headers: { authorization: `Bearer ${API_KEY}` } }))).toEqual(trusted);
    const basic = `Basic ${Buffer.from(`anybody:${API_KEY}`).toString('base64')}`;
    expect(await door.atHandshake(shaking({ headers: { authorization: basic } }))).toEqual(trusted);
    const { ticket } = await tickets.make({ tenant: TENANT, locale: 'zh' });
    expect(await door.atHandshake(shaking({ query: { ticket } }))).toMatchObject({
      caller: { tenant: TENANT },
      locale: 'zh',
      isTrusted: false,
    });
  });

  it('what is wrong is refused, and who says nothing may do so later', async () => {
    expect(await door.atHandshake(shaking({ query: { ticket: 'x' } }))).toBe('refused');
    expect(await door.atHandshake(shaking({ headers: { authorization: 'Bearer ts_acme_nobody' } }))).toBe('refused');
    expect(await door.atHandshake(shaking({ headers: { authorization: 'Basic ????' } }))).toBe('refused');
    expect(await door.atHandshake(shaking())).toBe('unknown');
  });
});

describe('at the start of the line', () => {
  it('a ticket may stand among the parameters, or be the id of an AudioSocket', async () => {
    const { ticket } = await tickets.make({ tenant: TENANT });
    const caller = { tenant: TENANT };
    expect(await door.atStart(started({ parameters: { ticket } }))).toMatchObject({ caller, isTrusted: false });
    const { uuid: callId } = tickets.makeShort(TENANT);
    expect(await door.atStart(started({ gateway: 'audiosocket', callId }))).toMatchObject({ caller, key: callId });
  });

  it('without one it is refused', async () => {
    expect(await door.atStart(started({}))).toBe('refused');
    const callId = '00000000-0000-0000-0000-000000000000';
    expect(await door.atStart(started({ gateway: 'audiosocket', callId }))).toBe('refused');
    // A ticket of a tenant that is not there any more.
    const { ticket } = await tickets.make({ tenant: 'gone' as typeof TENANT });
    expect(await door.atStart(started({ parameters: { ticket } }))).toBe('refused');
  });
});
