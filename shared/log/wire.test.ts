import { Buffer } from 'node:buffer';
import { headers as emptyHeaders, type MsgHdrs } from '@nats-io/nats-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../events/envelope.ts';
import { arbitraryEnvelope } from '../testing/arbitrary.ts';
import { incoming, newSession, saying } from '../testing/rig.ts';
import { decode, encode, type Cipher, type Wire } from './wire.ts';

const POSITION = 42;
const PREVIOUS = 17;

const block = ({ headers }: Wire): string =>
  Buffer.from((headers as unknown as { encode(): Uint8Array }).encode()).toString('utf8');

/** The headers as the other end of the connection gets them. */
function received(text: string): MsgHdrs {
  const parsed = emptyHeaders();
  for (const line of text.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) parsed.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return parsed;
}

const throughTheWire = async (event: Envelope, cipher?: Cipher) => {
  const wire = await encode(event, PREVIOUS, cipher);
  return decode(received(block(wire)), wire.body, POSITION, cipher);
};

const event: Envelope = {
  ...incoming(newSession(), saying('我的包裹在哪')),
  id: '01JGFJJZ000000000000000001' as Envelope['id'],
  session: '01JGFJJZ000000000000000000' as Envelope['session'],
  turn: '01JGFJJZ000000000000000001' as Envelope['id'],
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

describe('an event on NATS', () => {
  // What lies in the streams of installations: not to be changed, only to be added to.
  it('is a CloudEvent in binary mode', async () => {
    const wire = await encode(event, PREVIOUS);
    expect(wire.subject).toBe('conv.51.acme.01JGFJJZ000000000000000000.utterance.received');
    expect(block(wire).split('\r\n')).toEqual([
      'NATS/1.0',
      'Nats-Msg-Id: 01JGFJJZ000000000000000001',
      'Nats-Expected-Last-Subject-Sequence: 17',
      'Nats-Expected-Last-Subject-Sequence-Subject: conv.51.acme.01JGFJJZ000000000000000000.>',
      'ce-specversion: 1.0',
      'ce-previous: 17',
      'ce-datacontenttype: application/json',
      'content-type: application/json',
      'ce-id: 01JGFJJZ000000000000000001',
      'ce-type: utterance.received',
      'ce-revision: 1',
      'ce-tenant: acme',
      'ce-subject: 01JGFJJZ000000000000000000',
      'ce-turn: 01JGFJJZ000000000000000001',
      'ce-time: 2026-01-01T00:00:00.000Z',
      'ce-source: gateway',
      'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      '',
      '',
    ]);
    expect(JSON.parse(Buffer.from(wire.body).toString('utf8'))).toEqual(event.data);
  });

  it('what is read is what was stored', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryEnvelope, async (envelope) => {
        expect(await throughTheWire(envelope)).toEqual({ envelope, position: POSITION, previous: PREVIOUS });
      }),
      { numRuns: 500 },
    );
  });

  it('cannot be made to carry a header of its own', async () => {
    const forged = { ...event, emitter: 'gateway\r\nNats-Rollup: all' };
    expect(block(await encode(forged, PREVIOUS))).not.toMatch(/^Nats-Rollup/mu);
  });

  it.each([
    ['ce-id: 01JGFJJZ000000000000000001', 'ce-id: 1', 'id is not valid'],
    ['ce-type: utterance.received\r\n', '', 'type is missing'],
    ['ce-revision: 1', 'ce-revision: 1e0', 'revision is not valid'],
    ['ce-tenant: acme', 'ce-tenant: a.b', 'tenant is not valid'],
    ['ce-source: gateway', 'ce-source: %zz', 'source is missing'],
    ['ce-previous: 17', 'ce-previous: 42', 'previous is not valid'],
    ['ce-previous: 17\r\n', '', 'previous is not valid'],
  ])('with %s as %j is malformed: %s', async (right, wrong, why) => {
    const wire = await encode(event, PREVIOUS);
    const headers = received(block(wire).replace(right, wrong));
    expect(await decode(headers, wire.body, POSITION)).toEqual({ unreadable: 'malformed', why });
  });

  it.each([['{'], [''], ['"\u0000"'.slice(0, 2)]])('with the data %j is malformed', async (data) => {
    const wire = await encode(event, PREVIOUS);
    const read = await decode(received(block(wire)), Buffer.from(data), POSITION);
    expect(read).toEqual({ unreadable: 'malformed', why: 'data is not JSON' });
  });

  it('with bytes that are no UTF-8 is malformed, not mended', async () => {
    const wire = await encode(event, PREVIOUS);
    const read = await decode(received(block(wire)), Buffer.from([0x22, 0xff, 0x22]), POSITION);
    expect(read).toEqual({ unreadable: 'malformed', why: 'data is not JSON' });
  });
});

describe('an encrypted event', () => {
  const flipped = (data: Uint8Array) => data.map((byte) => byte ^ 0x5a);
  const cipher: Cipher = {
    seal: (_event, data) => Promise.resolve(flipped(data)),
    open: (_event, data) => flipped(data),
  };

  it('is stored as the cipher made it, and read back', async () => {
    const { body } = await encode(event, PREVIOUS, cipher);
    expect(Buffer.from(body).toString('utf8')).not.toContain('包裹');
    expect(await throughTheWire(event, cipher)).toEqual({ envelope: event, position: POSITION, previous: PREVIOUS });
  });

  it('says so when its key was destroyed', async () => {
    const erased: Cipher = { ...cipher, open: () => undefined };
    expect(await throughTheWire(event, erased)).toMatchObject({ unreadable: 'erased' });
  });
});
