import { fc, test } from '@fast-check/vitest';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { clientIn, memoryGateway, type Client } from './gateway.fixture.ts';

const gateway = memoryGateway();
const client = clientIn(gateway);
let session = '';
let closed = '';

beforeAll(async () => {
  session = (await client.post('/v1/sessions', {})).body.session;
  closed = (await client.post('/v1/chat', { query: 'bye' })).body.session;
  await vi.waitFor(() => {
    expect(gateway.log.all.at(-1)?.envelope.type).toBe('session.closed');
  });
});

/** A request that is refused with a problem document that names the field, and changes nothing. */
async function refused(status: number, field: string | undefined, ask: (c: Client) => ReturnType<Client['post']>) {
  const before = gateway.log.all.length;
  const answer = await ask(client);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({
    status,
    type: expect.any(String) as string,
    title: expect.any(String) as string,
  });
  expect({ status: answer.status, field: answer.body.errors?.[0]?.field }).toEqual({ status, field });
  expect(gateway.log.all).toHaveLength(before);
  return answer;
}

const long = 'x'.repeat(10_001);
const huge = 'x'.repeat(100_000);

describe('a body', () => {
  it.each([
    ['no JSON', 'hello', 400, 'body'],
    ['nothing', '', 400, 'body'],
    ['cut off', '{"query":"hel', 400, 'body'],
    ['JSON with a comment', '{"query":"hello"/**/}', 400, 'body'],
    ['an array', '[]', 400, 'body'],
    ['null', 'null', 400, 'body'],
    ['a string', '"hello"', 400, 'body'],
    ['a wrong type', '{"query":1}', 400, 'query'],
    ['null for a string', '{"query":null}', 400, 'query'],
    ['an array for a string', '{"query":["hello"]}', 400, 'query'],
    ['without what is needed', '{}', 400, 'query'],
    ['an unknown field', '{"query":"hello","tenant":"rival"}', 400, 'tenant'],
    ['an empty text', '{"query":""}', 400, 'query'],
    ['a blank text', '{"query":" \\n\\t\\u3000"}', 400, 'query'],
    ['a text that is too long', JSON.stringify({ query: long }), 400, 'query'],
    ['a body that is too long', JSON.stringify({ query: huge }), 413, 'body'],
    ['a NUL', '{"query":"a\\u0000b"}', 400, 'query'],
    ['a raw NUL', '{"query":"a\u0000b"}', 400, 'body'],
    ['a control character', '{"query":"a\\u001b[31mb"}', 400, 'query'],
    ['a C1 control character', '{"query":"a\\u0085b"}', 400, 'query'],
    ['half a surrogate pair', '{"query":"a\\ud800b"}', 400, 'query'],
    ['the other half', '{"query":"a\\udc00\\ud800b"}', 400, 'query'],
    ['half a surrogate pair in a name', '{"sessionId":"\\ud800","query":"hello"}', 400, 'sessionId'],
    ['a control character in a name', '{"sessionId":"a\\nb","query":"hello"}', 400, 'sessionId'],
    ['an empty name', '{"sessionId":"","query":"hello"}', 400, 'sessionId'],
    ['a name that is too long', JSON.stringify({ sessionId: 'x'.repeat(129), query: 'hello' }), 400, 'sessionId'],
    ['a name twice', '{"query":"hello","query":"bye"}', 400, 'query'],
    ['a name twice, once escaped', '{"query":"hello","qu\\u0065ry":"bye"}', 400, 'query'],
    ['__proto__', '{"query":"hello","__proto__":{"admin":true}}', 400, '__proto__'],
    ['constructor', '{"query":"hello","constructor":{"prototype":{}}}', 400, 'constructor'],
    ['a language that is none', '{"query":"hello","locale":"../../etc"}', 400, 'locale'],
    ['a number too large for a string', '{"query":1e999}', 400, 'query'],
  ])('with %s is refused by chat', async (_what, body, status, field) => {
    const answer = await refused(status, field, (c) => c.post('/v1/chat', body));
    // Nobody's words come back, or stand in a log of refused requests.
    expect(JSON.stringify(answer.body)).not.toMatch(/hello|rival|xxx/u);
  });

  it.each([
    ['an unknown type', { type: 'utterance.sent', data: {} }, 'type'],
    ['a type of ours', { type: 'policy.decided', data: {} }, 'type'],
    ['an ending', { type: 'turn.replied', data: { messages: [], locale: 'en' } }, 'type'],
    ['a type that is no string', { type: 1, data: {} }, 'type'],
    ['no data', { type: 'utterance.received' }, 'data'],
    ['wrong data', { type: 'utterance.received', data: { text: 'hi', turn: 'x' } }, 'data.turn'],
    ['a place in the log', { type: 'utterance.received', data: { text: 'hi' }, previous: 0 }, 'previous'],
    ['a tenant', { type: 'utterance.received', data: { text: 'hi' }, tenant: 'rival' }, 'tenant'],
    ['an emitter', { text: 'hi', emitter: 'policy' }, 'emitter'],
    ['a bot', { text: 'hi', bot: { name: 'x', hash: 'y' } }, 'bot'],
    ['an unknown command', { type: 'control.requested', data: { command: 'burn', agent: 'a' } }, 'data.command'],
    ['a nameless agent', { type: 'control.requested', data: { command: 'take', agent: '' } }, 'data.agent'],
    ['half a payload', { text: 'hi', payload: '\ud800' }, 'payload'],
    ['a long payload', { text: 'hi', payload: 'x'.repeat(1_001) }, 'payload'],
  ])('with %s is refused as an event', async (_what, body, field) => {
    await refused(400, field, (c) => c.post(`/v1/sessions/${session}/events`, body));
  });

  it.each([
    ['/v1/sessions', { locale: 'not a language' }, 'locale'],
    ['/v1/sessions', { timezone: '../../etc/passwd' }, 'timezone'],
    ['/v1/sessions', [], 'body'],
    ['/v1/sessions', { channel: 'a b' }, 'channel'],
    ['/v1/sessions', { session: 'MINE' }, 'session'],
    ['/chat', { user_id: '', query: 'hi' }, 'user_id'],
    ['/chat', { user_id: 7, query: 'hi' }, 'user_id'],
    ['/chat', { query: 'hi' }, 'user_id'],
    ['/webhooks/rest/webhook', { sender: 'a\u0000', message: 'hi' }, 'sender'],
    ['/webhooks/rest/webhook', { sender: 'a' }, 'message'],
  ])('is refused at %s with %j', async (path, body, field) => {
    await refused(400, field, (c) => c.post(path, body));
  });

  it.each([
    undefined,
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonp',
  ])('of the type %j is refused', async (type) => {
    await refused(415, 'Content-Type', (c) =>
      c.post('/v1/chat', { query: 'hello' }, type === undefined ? { 'content-type': '' } : { 'content-type': type }),
    );
  });

  it('that is not UTF-8 is refused', async () => {
    const bytes = Buffer.concat([Buffer.from('{"query":"'), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('"}')]);
    const response = await gateway.app.request('/v1/chat', {
      method: 'POST',
      body: bytes,
      headers: { authorization: 'Bearer ts_acme_0123456789abcdefghijklmnopqrstuv', 'content-type': 'application/json' },
    });
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ field: 'body' }] }]);
  });

  it.each(['👍🏽', '👩‍👩‍👧‍👦 مرحبا こんにちは 안녕', 'e\u0301\u200d\u202e', '\u{10ffff}', '我\u{20000}', 'a\tb\r\nc'])(
    'with %j is welcome',
    async (query) => {
      expect((await client.post('/v1/chat', { query })).status).toBe(200);
    },
  );
});

describe('whatever comes', () => {
  const paths = ['/v1/chat', '/v1/sessions', '/chat', '/webhooks/rest/webhook', '/v1/sessions/SESSION/events'];
  const names = fc.constantFrom(
    'query',
    'text',
    'type',
    'data',
    'sessionId',
    'user_id',
    'sender',
    'message',
    'locale',
    'x',
  );
  const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constant('utterance.received'));
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.jsonValue().map((json) => JSON.stringify(json)),
    fc.dictionary(names, fc.oneof(value, fc.dictionary(names, value))).map((json) => JSON.stringify(json)),
  );
  const type = fc.constantFrom('application/json', 'application/cloudevents+json', 'text/plain');
  test.prop([fc.constantFrom(...paths), body, type], { numRuns: 300 })(
    'is answered and never breaks',
    async (path, text, contentType) => {
      const answer = await client.post(path.replace('SESSION', session), text, {
        'content-type': contentType,
        prefer: 'wait=0',
      });
      expect(answer.status).toBeLessThan(500);
    },
  );
});

describe('a session', () => {
  it.each([
    ['unknown', '01ARZ3NDEKTSV4RRFFQ69G5FAV', 404, 'session'],
    ['unknown, of a channel', '0123456789abcdef0123456789abcdef', 404, 'session'],
    ['not an id', 'bob', 400, 'session'],
    ['a pattern', '%3E', 400, 'session'],
    ['a star', '*', 400, 'session'],
    ['a subject', 'a.b.c', 400, 'session'],
    ['a path', '..%2f..%2fetc%2fpasswd', 400, 'session'],
    ['badly encoded', '%zz', 400, 'session'],
    ['with a NUL', '%00', 400, 'session'],
    ['with half a surrogate pair', '%ed%a0%80', 400, 'session'],
    ['in lower case', '01arz3ndektsv4rrffq69g5fav', 400, 'session'],
    ['__proto__', '__proto__', 400, 'session'],
    ['very long', 'A'.repeat(10_000), 400, 'session'],
  ])('that is %s is refused', async (_what, id, status, field) => {
    await refused(status, field, (c) => c.post(`/v1/sessions/${id}/events`, { text: 'hello' }));
    await refused(status, field, (c) => c.get(`/v1/sessions/${id}/events`));
    await refused(status, field, (c) => c.get(`/v1/sessions/${id}/events`, { accept: 'text/event-stream' }));
    await refused(status, field, (c) => c.get(`/v1/sessions/${id}/turns/01ARZ3NDEKTSV4RRFFQ69G5FAV`));
  });

  it('that is unknown is refused by chat', async () => {
    await refused(404, 'session', (c) =>
      c.post('/v1/chat', { sessionId: '01ARZ3NDEKTSV4RRFFQ69G5FAV', query: 'hello' }),
    );
  });

  it('that is closed takes nothing any more', async () => {
    await refused(409, 'session', (c) => c.post('/v1/chat', { sessionId: closed, query: 'hello' }));
    await refused(409, 'session', (c) => c.post(`/v1/sessions/${closed}/events`, { text: 'hello' }));
    const take = { type: 'control.requested', data: { command: 'take', agent: 'ann' } };
    await refused(409, 'session', (c) => c.post(`/v1/sessions/${closed}/events`, take));
  });
});

describe('a parameter', () => {
  it.each([
    ['after=-1', 'after'],
    ['after=1.5', 'after'],
    ['after=0x10', 'after'],
    ['after=1e3', 'after'],
    ['after=99999999999999999', 'after'],
    ['after=', 'after'],
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=all', 'limit'],
    ['types=turn.replied,', 'types'],
    ['types=*', 'types'],
    ['types=__proto__', 'types'],
  ])('%s is refused', async (query, field) => {
    await refused(400, field, (c) => c.get(`/v1/sessions/${session}/events?${query}`));
  });

  it.each(['-1', 'abc', '1 2', '99999999999999999'])('Last-Event-ID %j is refused', async (id) => {
    await refused(400, 'Last-Event-ID', (c) =>
      c.get(`/v1/sessions/${session}/events`, { accept: 'text/event-stream', 'last-event-id': id }),
    );
  });

  it.each(['', '"', 'a b', '"a";b', 'x'.repeat(256)])('Idempotency-Key %j is refused', async (key) => {
    await refused(400, 'Idempotency-Key', (c) => c.post('/v1/chat', { query: 'hello' }, { 'idempotency-key': key }));
  });

  it.each(['nonsense', '01ARZ3NDEKTSV4RRFFQ69G5FA', 'a%2fb'])('the turn %j is refused', async (turn) => {
    await refused(400, 'turn', (c) => c.get(`/v1/sessions/${session}/turns/${turn}`));
  });

  it('a turn that there is not is refused', async () => {
    await refused(404, 'turn', (c) => c.get(`/v1/sessions/${session}/turns/01ARZ3NDEKTSV4RRFFQ69G5FAV`));
  });
});

describe('a path', () => {
  it.each(['/', '/v2/chat', '/v1', '/v1/chat/', '/v1//chat', '/v1/sessions//events', '/metrics', '/.env'])(
    '%s leads nowhere',
    async (path) => {
      await refused(404, undefined, (c) => c.get(path));
    },
  );

  it.each([
    ['DELETE', '/v1/chat', 'POST'],
    ['GET', '/v1/chat', 'POST'],
    ['PUT', '/v1/sessions', 'POST'],
    ['OPTIONS', '/v1/chat', 'POST'],
    ['PATCH', '/v1/sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV/events', 'POST, GET'],
    ['POST', '/openapi.json', 'GET'],
  ])('does not take %s %s', async (method, path, allow) => {
    const response = await gateway.app.request(path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  });
});

describe('a caller', () => {
  it.each([
    undefined,
    'Bearer ts_acme_wrongwrongwrongwrong',
    'Bearer ts_rival_0123456789abcdefghijklmnopqrstuv',
    'Basic dTpw',
    'Bearer ',
    'Bearer eyJhbGciOiJub25lIn0.eyJ0ZW5hbnQiOiJhY21lIn0.',
  ])('with %j is nobody', async (authorization) => {
    const response = await gateway.app.request('/v1/chat', {
      method: 'POST',
      body: JSON.stringify({ query: 'hello' }),
      headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
    });
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await response.json()).toMatchObject({ errors: [{ field: 'Authorization' }] });
  });

  it('does not become somebody else by a header', async () => {
    const headers = {
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': 'localhost',
      'x-tenant': 'rival',
      'x-user-id': 'root',
    };
    await client.post('/v1/chat', { sessionId: 'forwarded', query: 'hello' }, headers);
    expect(gateway.log.all.at(-1)?.envelope.tenant).toBe('acme');
    const open = memoryGateway({ openDemo: true });
    const answer = await open.app.request('http://evil.example/v1/chat', {
      method: 'POST',
      body: '{"query":"hello"}',
      headers: { 'content-type': 'application/json', host: 'evil.example', ...headers },
    });
    expect(answer.status).toBe(401);
  });
});

it('every answer has the headers that keep browsers from misusing it', async () => {
  for (const answer of [
    await client.get('/openapi.json'),
    await client.get('/nothing'),
    await client.post('/v1/sessions', {}),
  ]) {
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  }
});
