import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../events/envelope.ts';
import { arbitraryEnvelope } from '../testing/arbitrary.ts';
import { incoming, newSession, saying } from '../testing/rig.ts';
import { deliveryFrom } from './delivery.ts';
import { isCloudEvent, readCloudEvent } from './read.ts';
import { writeBinary, writeStructured } from './write.ts';

const STRUCTURED = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
const REQUIRED = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/shop', 'ce-type': 'com.example.said' };
const JSON_BODY = { 'content-type': 'application/json' };

const read = (headers: Record<string, string>, body: string | Uint8Array = '{}') =>
  readCloudEvent(new Headers(headers), typeof body === 'string' ? Buffer.from(body) : body);

const attributesOf = (headers: Record<string, string>, body?: string) => {
  const result = read(headers, body);
  return result.ok ? Object.fromEntries(result.event.attributes) : result;
};

describe('an event of ours over HTTP', () => {
  const stored = (envelope: Envelope) => ({ envelope, position: 42, previous: 17 });

  it('in binary mode is read as it was written', () => {
    fc.assert(
      fc.property(arbitraryEnvelope, fc.integer({ min: 1, max: 9 }), (envelope, attempt) => {
        const { headers, body } = writeBinary(stored(envelope), attempt);
        const result = read(headers, body);
        expect(result.ok && deliveryFrom(result.event)).toEqual({ ok: true, stored: stored(envelope), attempt });
      }),
      { numRuns: 500 },
    );
  });

  it('in structured mode is read as it was written', () => {
    fc.assert(
      fc.property(arbitraryEnvelope, (envelope) => {
        const body = JSON.stringify({ ...writeStructured(envelope, 42), previous: 17 });
        const result = read(STRUCTURED, body);
        expect(result.ok && deliveryFrom(result.event)).toEqual({ ok: true, stored: stored(envelope), attempt: 1 });
      }),
      { numRuns: 500 },
    );
  });

  const message = writeBinary(stored(incoming(newSession(), saying('hello'))), 3);
  it.each([
    ['ce-position', undefined, 'position', 'is missing'],
    ['ce-position', '0', 'position', 'is not valid'],
    ['ce-position', '-1', 'position', 'is not valid'],
    ['ce-position', '9999999999999999', 'position', 'is not valid'],
    ['ce-previous', undefined, 'previous', 'is missing'],
    ['ce-previous', '42', 'previous', 'is not before position'],
    ['ce-attempt', '0', 'attempt', 'is not valid'],
    ['ce-attempt', 'many', 'attempt', 'is not valid'],
    ['ce-revision', '0', 'revision', 'is not valid'],
    ['ce-subject', 'a.b', 'subject', 'is not valid'],
    ['ce-tenant', undefined, 'tenant', 'is missing'],
    ['ce-tenant', 'Acme', 'tenant', 'is not valid'],
    ['ce-time', 'yesterday', 'time', 'is not valid'],
  ])('with %s %s: %s %s', (header, value, attribute, problem) => {
    const { [header]: _was, ...rest } = message.headers;
    const result = read(value === undefined ? rest : { ...rest, [header]: value }, message.body);
    expect(result.ok && deliveryFrom(result.event)).toEqual({ ok: false, status: 400, attribute, problem });
  });

  it('counts as delivered once where nobody counts', () => {
    const { 'ce-attempt': _was, ...rest } = message.headers as Record<string, string>;
    const result = read(rest, message.body);
    expect(result.ok && deliveryFrom(result.event)).toMatchObject({ ok: true, attempt: 1 });
  });
});

describe('any CloudEvent', () => {
  it('in binary mode has its attributes in headers', () => {
    const headers = { ...REQUIRED, ...JSON_BODY, 'ce-comexampleextension': 'a value', 'x-other': '1' };
    expect(read(headers, '{"a":[1]}')).toMatchObject({ ok: true, event: { data: { a: [1] } } });
    expect(attributesOf(headers)).toEqual({
      id: '1',
      source: '/shop',
      type: 'com.example.said',
      comexampleextension: 'a value',
    });
  });

  // The examples of section 3.1.3.2 of the HTTP binding.
  it.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['"Euro %E2%82%AC \\"quoted\\""', 'Euro € "quoted"'],
    ['100%25', '100%'],
    ['%2525', '%25'],
  ])('has its attribute %s decoded once', (header, value) => {
    expect(attributesOf({ ...REQUIRED, 'ce-note': header })).toMatchObject({ note: value });
  });

  it('may have no data', () => {
    expect(read(REQUIRED, '')).toMatchObject({ ok: true, event: { data: undefined } });
    expect(read(STRUCTURED, JSON.stringify({ specversion: '1.0', id: '1', source: 's', type: 't' }))).toMatchObject({
      ok: true,
      event: { data: undefined },
    });
  });

  it('in structured mode may have its data in base64, and attributes that are numbers or absent', () => {
    const data = Buffer.from('{"text":"您好"}').toString('base64');
    const event = { specversion: '1.0', id: '1', source: 's', type: 't', priority: 3, urgent: true, note: null };
    const result = read(STRUCTURED, JSON.stringify({ ...event, data_base64: data }));
    expect(result).toMatchObject({ ok: true, event: { data: { text: '您好' } } });
    expect(attributesOf(STRUCTURED, JSON.stringify(event))).toEqual({
      id: '1',
      source: 's',
      type: 't',
      priority: '3',
      urgent: 'true',
    });
  });

  it('continues the trace of the span that wrote it, or else that of the request', () => {
    const span = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const hop = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';
    expect(attributesOf({ ...REQUIRED, traceparent: hop })).toMatchObject({ traceparent: hop });
    expect(attributesOf({ ...REQUIRED, traceparent: hop, 'ce-traceparent': span })).toMatchObject({
      traceparent: span,
    });
  });

  it('is told from a plain request', () => {
    expect(isCloudEvent(new Headers(REQUIRED))).toBe(true);
    expect(isCloudEvent(new Headers(STRUCTURED))).toBe(true);
    expect(isCloudEvent(new Headers({ 'content-type': 'application/cloudevents-batch+json' }))).toBe(true);
    expect(isCloudEvent(new Headers(JSON_BODY))).toBe(false);
  });
});

describe('what is no CloudEvent', () => {
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`ce-extension${i}`, 'x']));
  it.each([
    ['no version', { ...REQUIRED, 'ce-specversion': '' }, '{}', 400, 'specversion', 'is not 1.0'],
    ['an older version', { ...REQUIRED, 'ce-specversion': '0.3' }, '{}', 400, 'specversion', 'is not 1.0'],
    ['nothing but JSON', JSON_BODY, '{}', 400, 'specversion', 'is missing'],
    ['no id', { ...REQUIRED, 'ce-id': '' }, '{}', 400, 'id', 'is missing'],
    ['a broken encoding', { ...REQUIRED, 'ce-note': '%E2%82' }, '{}', 400, 'note', 'is not percent-encoded UTF-8'],
    ['a strange name', { ...REQUIRED, 'ce-my-note': 'x' }, '{}', 400, 'attribute', 'is not the name of an attribute'],
    [
      'a long value',
      { ...REQUIRED, 'ce-note': 'x'.repeat(2_049) },
      '{}',
      400,
      'note',
      'is longer than 2048 characters',
    ],
    ['cut off data', { ...REQUIRED, ...JSON_BODY }, '{"a":', 400, 'data', 'is not JSON'],
    ['a name twice', { ...REQUIRED, ...JSON_BODY }, '{"a":1,"a":2}', 400, 'data', 'has a name twice'],
    ['data of another kind', { ...REQUIRED, 'content-type': 'image/png' }, '', 415, 'datacontenttype', 'is not JSON'],
    [
      'another charset',
      { ...REQUIRED, 'content-type': 'application/json; charset=latin1' },
      '{}',
      415,
      'content-type',
      'is not in UTF-8',
    ],
    [
      'a batch',
      { 'content-type': 'application/cloudevents-batch+json' },
      '[]',
      415,
      'content-type',
      'is in an unknown format',
    ],
    ['a list', STRUCTURED, '[]', 400, 'data', 'is not an object'],
    [
      'an object for an attribute',
      STRUCTURED,
      '{"specversion":"1.0","id":{}}',
      400,
      'id',
      'is not a text, a number or a truth value',
    ],
    [
      'an attribute that is no name',
      STRUCTURED,
      '{"__proto__":"x"}',
      400,
      'attribute',
      'is not the name of an attribute',
    ],
    [
      'data twice',
      STRUCTURED,
      '{"specversion":"1.0","data":1,"data_base64":"MQ=="}',
      400,
      'data_base64',
      'stands beside data',
    ],
    ['no base64', STRUCTURED, '{"specversion":"1.0","data_base64":"?"}', 400, 'data_base64', 'is not base64'],
  ])('%s', (_what, headers, body, status, attribute, problem) => {
    expect(read(headers as Record<string, string>, body)).toEqual({ ok: false, status, attribute, problem });
  });

  it('too many attributes', () => {
    expect(read({ ...REQUIRED, ...many })).toMatchObject({ ok: false, problem: 'is one of more than 64 attributes' });
  });

  it('bytes that are no UTF-8', () => {
    const result = read({ ...REQUIRED, ...JSON_BODY }, Buffer.from([0x22, 0xff, 0x22]));
    expect(result).toMatchObject({ ok: false, attribute: 'data', problem: 'is not JSON' });
  });

  it('never has its content repeated', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', minLength: 3 }), (secret) => {
        const result = read(STRUCTURED, JSON.stringify({ [`x${secret}`]: secret, data: secret }));
        expect(JSON.stringify(result)).not.toContain(JSON.stringify(secret));
      }),
    );
  });
});
