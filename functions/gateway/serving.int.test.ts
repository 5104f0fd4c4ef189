import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { PlatformError } from '../../shared/errors/index.ts';
import { serve, type ServeOptions, type Serving } from '../../shared/http/serve.ts';
import { serveOps } from '../../shared/http/ops.ts';
import { memoryLog } from '../../shared/log/memory.ts';
import type { Gateway } from './app.ts';
import { ACME, clientOf, gatewayOn, memoryGateway } from './gateway.fixture.ts';
import type { GatewayOptions } from './options.ts';
import { readSse } from './sse.fixture.ts';

type Memory = ReturnType<typeof memoryGateway>;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function served<G extends Gateway>(gateway: G, limits: ServeOptions['limits'] = {}): Promise<G & Serving> {
  const serving = await serve(gateway.app, { port: 0, hostname: '127.0.0.1', limits });
  stops.push(() => gateway.close().then(() => serving.close()));
  return { ...gateway, ...serving, close: gateway.close };
}
const gatewayWith = (
  over: Partial<GatewayOptions> = {},
  limits: ServeOptions['limits'] = {},
): Promise<Memory & Serving> => served(memoryGateway(over), limits);

/** Says something over a bare connection and collects what comes back until it ends. */
async function raw(
  { port }: Serving,
  ...parts: readonly string[]
): Promise<{ socket: Socket; said: () => string; ended: () => boolean }> {
  const socket = connect(port, '127.0.0.1');
  const state = { said: '', ended: false };
  socket.setEncoding('utf8').on('data', (text: string) => (state.said += text));
  socket.on('close', () => (state.ended = true)).on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  for (const part of parts) socket.write(part);
  return { socket, said: () => state.said, ended: () => state.ended };
}

const head = (more: string) =>
  `POST /v1/chat HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ACME}\r\ncontent-type: application/json\r\n${more}\r\n\r\n`;
const problemIn = (said: string) => {
  expect(said).toContain('application/problem+json');
  return JSON.parse(said.slice(said.indexOf('\r\n\r\n')).replace(/^[^{]*/u, '')) as unknown;
};

describe('a body', () => {
  it('that comes too slowly is given up with a problem, and stores nothing', async () => {
    const gateway = await gatewayWith({ limits: { bodyMs: 50 } });
    const { said, ended } = await raw(gateway, head('content-length: 100'), '{"query":"hel');
    await expect.poll(ended).toBe(true);
    expect(said()).toMatch(/^HTTP\/1.1 408 /u);
    expect(problemIn(said())).toMatchObject({ status: 408, errors: [{ field: 'body' }] });
    expect(gateway.log.all).toEqual([]);
  });

  it('that is cut off stores nothing', async () => {
    const gateway = await gatewayWith();
    const { socket, ended } = await raw(gateway, head('content-length: 100'), '{"query":"hello"}');
    socket.destroy();
    await expect.poll(ended).toBe(true);
    const after = await clientOf((path, init) => fetch(gateway.url + path, init)).post('/v1/chat', { query: 'hello' });
    expect(after.status).toBe(200);
    expect(gateway.log.all.filter(({ envelope }) => envelope.type === 'utterance.received')).toHaveLength(1);
  });

  it('in pieces is counted as it comes', async () => {
    const gateway = await gatewayWith({ limits: { bodyBytes: 1_000 } });
    const piece = `3e8\r\n${'x'.repeat(1_000)}\r\n`;
    const { said, ended } = await raw(gateway, head('transfer-encoding: chunked'), piece, piece, piece);
    await expect.poll(ended).toBe(true);
    expect(problemIn(said())).toMatchObject({ status: 413, errors: [{ field: 'body' }] });
  });

  it('that says it is too long is not waited for', async () => {
    const gateway = await gatewayWith();
    const { said, ended } = await raw(gateway, head('content-length: 99999999'));
    await expect.poll(ended).toBe(true);
    expect(problemIn(said())).toMatchObject({ status: 413 });
  });

  it('in pieces that is short enough is welcome', async () => {
    const gateway = await gatewayWith();
    const { said, socket } = await raw(
      gateway,
      head('transfer-encoding: chunked'),
      '9\r\n{"query":\r\n',
      '8\r\n"hello"}\r\n0\r\n\r\n',
    );
    await expect.poll(said).toContain('"text":"Hello!"');
    socket.destroy();
  });
});

describe('a request', () => {
  it.each([
    ['that is not HTTP', 'hello\r\n\r\n', 400],
    ['with headers that are too long', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    ['with two lengths', 'POST /v1/chat HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n', 400],
    [
      'with a length and pieces',
      'POST /v1/chat HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
      400,
    ],
    ['with a NUL in a header', 'GET / HTTP/1.1\r\nhost: x\r\nx: a\u0000b\r\n\r\n', 400],
  ])('%s is refused with a problem', async (_what, text, status) => {
    const gateway = await gatewayWith();
    const { said, ended } = await raw(gateway, text);
    await expect.poll(ended).toBe(true);
    expect(said()).toMatch(new RegExp(`^HTTP/1.1 ${status} `, 'u'));
    expect(problemIn(said())).toMatchObject({ status });
  });

  it('whose headers take too long is given up', async () => {
    const gateway = await gatewayWith({}, { headersMs: 100, requestMs: 200 });
    const { said, ended } = await raw(gateway, 'POST /v1/chat HTTP/1.1\r\nhost: x\r\n');
    await expect.poll(ended, { timeout: 5_000 }).toBe(true);
    expect(said()).toMatch(/^HTTP\/1.1 408 /u);
  });
});

describe('when it closes', () => {
  it('the gateway finishes what is under way, and sends streams elsewhere', async () => {
    const gateway = await gatewayWith();
    const client = clientOf((path, init) => fetch(gateway.url + path, init));
    const { session } = (await client.post('/v1/sessions', {})).body;
    const headers = { authorization: `Bearer ${ACME}`, accept: 'text/event-stream' };
    const { body } = await fetch(`${gateway.url}/v1/sessions/${session}/events`, { headers });
    if (!body) throw new Error('no stream');
    const sse = readSse(body);
    await expect.poll(() => sse.events.length).toBe(1);
    const answer = client.post('/v1/chat', { sessionId: session, query: 'hello' });
    await expect.poll(() => gateway.log.all.length).toBeGreaterThan(1);
    await gateway.close();
    expect((await answer).body.reply.text).toBe('Hello!');
    await expect.poll(() => sse.done).toBe(true);
    expect(sse.text).toContain('retry: 1000\n\n');
    const late = await client.post('/v1/chat', { query: 'hello' });
    expect([late.status, late.headers.get('retry-after'), late.headers.get('connection')]).toEqual([503, '1', 'close']);
  });

  it('a connection that was never used does not hold it up', async () => {
    const gateway = await gatewayWith();
    const { ended } = await raw(gateway);
    for (const stop of stops.splice(0)) await stop();
    await expect.poll(ended).toBe(true);
  });
});

describe('a reader that does not read', () => {
  it('is cut off, and its stream is given free', async () => {
    const gateway = await gatewayWith({ limits: { streams: 1 } });
    const client = clientOf((path, init) => fetch(gateway.url + path, init));
    const { session } = (await client.post('/v1/sessions', {})).body;
    const path = `/v1/sessions/${session}/events?types=utterance.received`;
    const get = `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ACME}\r\naccept: text/event-stream\r\n\r\n`;
    const { socket, said, ended } = await raw(gateway, get);
    await expect.poll(said).toContain(': open');
    socket.pause();
    const text = 'x'.repeat(10_000);
    const isFree = async () => {
      await client.post('/v1/chat', { sessionId: session, query: text });
      const { status } = await fetch(gateway.url + path, {
        headers: { authorization: `Bearer ${ACME}`, accept: 'text/event-stream' },
        signal: AbortSignal.timeout(500),
      }).catch(() => ({ status: 0 }));
      return status;
    };
    await expect.poll(isFree, { timeout: 15_000, interval: 1 }).toBe(200);
    socket.resume();
    await expect.poll(ended).toBe(true);
  });
});

describe('without a log that takes anything', () => {
  const failing = (code: string) => {
    const log = memoryLog();
    const fail = () => Promise.reject(new PlatformError(code, 'no', { retry: 'later', retryAfterMs: 2_500 }));
    return gatewayOn({ ...log, append: fail, latest: fail, at: fail, scan: fail });
  };
  it.each(['log.unavailable', 'log.append-refused'])('(%s) everybody is asked to come back', async (code) => {
    const gateway = await served(failing(code));
    const client = clientOf((path, init) => fetch(gateway.url + path, init));
    for (const answer of [
      await client.post('/v1/chat', { query: 'hello' }),
      await client.post('/v1/sessions', {}),
      await client.post('/chat', { user_id: 'u', query: 'hello' }),
      await client.get('/v1/sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV/events'),
    ]) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '3']);
      expect(answer.body).toMatchObject({ status: 503, code });
    }
  });
});

it('operators ask at another port', async () => {
  const state = { ready: true };
  const asked = { ready: () => state.ready, metrics: () => 'turns_total 7\n' };
  const serving = await serveOps(asked, { port: 0, hostname: '127.0.0.1' });
  stops.push(() => serving.close());
  const ask = async (path: string) => {
    const response = await fetch(serving.url + path);
    return [response.status, await response.text()];
  };
  expect(await ask('/healthz')).toEqual([200, 'ok\n']);
  expect(await ask('/readyz')).toEqual([200, 'ready\n']);
  state.ready = false;
  expect(await ask('/readyz')).toEqual([503, 'not ready\n']);
  expect(await ask('/metrics')).toEqual([200, 'turns_total 7\n']);
  expect((await ask('/v1/chat'))[0]).toBe(404);
});
