import { headers as natsHeaders } from '@nats-io/nats-core';
import { describe, expect, it } from 'vitest';
import { readCloudEvent } from '../../shared/cloudevents/read.ts';
import { deliveryFrom } from '../../shared/cloudevents/delivery.ts';
import { eventSubject } from '../../shared/log/subjects.ts';
import { encode, type Cipher } from '../../shared/log/wire.ts';
import { incoming, newSession, saying } from '../../shared/testing/rig.ts';
import { requestOf, type Message } from './request.ts';

const ref = newSession();
const event = incoming(ref, saying('你好, 100 %'), { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });

/** As it comes back from the log. */
async function delivered(cipher?: Cipher, of = event): Promise<Message> {
  const { headers, body } = await encode(of, 3, cipher);
  const read = natsHeaders();
  for (const line of new TextDecoder()
    .decode((headers as unknown as { encode(): Uint8Array }).encode())
    .split('\r\n')) {
    const colon = line.indexOf(': ');
    if (colon > 0) read.append(line.slice(0, colon), line.slice(colon + 2));
  }
  return { headers: read, data: body };
}
const httpHeaders = (flat: readonly string[]) =>
  new Headers(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ''] as [string, string]] : [])));

describe('what the relay posts', () => {
  it('is the event, its place and its attempt, as a function reads it', async () => {
    const { headers, body } = requestOf(await delivered(), eventSubject(event), 9, 2);
    const read = readCloudEvent(httpHeaders(headers), body);
    if (!read.ok) return expect.fail(`${read.attribute} ${read.problem}`);
    expect(deliveryFrom(read.event)).toEqual({
      ok: true,
      stored: { envelope: event, position: 9, previous: 3 },
      attempt: 2,
    });
  });

  it('stays sealed: the relay has no key, and nothing of what was said is readable', async () => {
    const cipher: Cipher = { seal: (_e, data) => Buffer.from([1, ...data].map((b) => b ^ 1)), open: () => undefined };
    const { headers, body } = requestOf(await delivered(cipher), eventSubject(event), 9, 1);
    expect(httpHeaders(headers).get('content-type')).toBe('application/octet-stream');
    expect(Buffer.from(body).toString()).not.toContain('text');
    expect(readCloudEvent(httpHeaders(headers), body)).toMatchObject({ ok: false, status: 415 });
    expect(readCloudEvent(httpHeaders(headers), body, true).ok).toBe(true);
  });

  it('tells the kind of an event apart by its attribute, since it cannot read the data', async () => {
    const asking = { ...event, type: 'policy.decided', kind: 'call' };
    const message = await delivered(undefined, asking);
    expect(httpHeaders(requestOf(message, eventSubject(asking), 9, 1).headers).get('ce-kind')).toBe('call');
    for (const kind of [undefined, 'search']) {
      const { kind: _kind, ...other } = asking;
      const subject = eventSubject(kind === undefined ? other : { ...other, kind });
      expect(() => requestOf(message, subject, 9, 1)).toThrow(expect.objectContaining({ code: 'event.malformed' }));
    }
  });

  it('has none of the store’s own headers', async () => {
    const { headers } = requestOf(await delivered(), eventSubject(event), 9, 1);
    expect(headers.filter((name, i) => i % 2 === 0 && /^nats/iu.test(name))).toEqual([]);
  });

  it.each<[string, (m: Message) => Message, string]>([
    ['has no headers', ({ data }) => ({ data }), eventSubject(event)],
    ['stands in another session', (m) => m, eventSubject({ ...event, ...newSession() })],
    ['stands under another type', (m) => m, eventSubject({ ...event, type: 'turn.replied' })],
  ])('is nothing where the message %s', async (_what, change, subject) => {
    const message = change(await delivered());
    expect(() => requestOf(message, subject, 9, 1)).toThrow(expect.objectContaining({ code: 'event.malformed' }));
  });

  it('is nothing where a header could become two', async () => {
    const { headers, data } = await delivered();
    const read = natsHeaders();
    for (const key of headers?.keys() ?? []) read.append(key, headers?.get(key) ?? '');
    const sly = {
      keys: () => [...read.keys(), 'ce-sly'],
      get: (key: string) => (key === 'ce-sly' ? 'a\u00e9' : read.get(key)),
    };
    const message = { headers: sly as unknown as typeof read, data };
    expect(() => requestOf(message, eventSubject(event), 9, 1)).toThrow(
      expect.objectContaining({ code: 'event.malformed' }),
    );
  });
});
