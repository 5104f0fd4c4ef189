import { afterEach, describe, expect, it } from 'vitest';
import { utteranceReceived } from '../../events/understanding.ts';
import { writeBinary, writeStructured } from '../cloudevents/write.ts';
import { defineReaction } from '../function/define.ts';
import { serve, type Serving } from '../http/serve.ts';
import type { Stored } from '../log/log.ts';
import { memoryLog } from '../log/memory.ts';
import { incoming, newSession, saying, testHost } from '../testing/rig.ts';
import type { Group } from './chain.ts';
import { FAILPOINTS, onFailpoint, type Failpoint } from './failpoint.ts';
import { describeHost, type Verdict } from './host.contract.ts';
import { DONE, httpHost, type HttpOptions } from './http.ts';

const options = (over: Partial<HttpOptions> = {}): HttpOptions => ({
  concurrency: 8,
  stopping: new AbortController().signal,
  isReady: () => true,
  ...over,
});

/** What the relay, Knative and OpenFaaS make of a status. */
function verdictOf({ status, headers }: Response): Verdict {
  if (status === 202 || status === 204) return 'settled';
  if ((status === 503 || status === 429) && Number(headers.get('retry-after')) >= 1) return 'redeliver';
  if ([400, 413, 415, 422].includes(status)) return 'dead-letter';
  throw new Error(`a sender does not know what to make of ${status}`);
}

describeHost('behind HTTP, binary mode', () =>
  Promise.resolve({
    log: memoryLog(),
    async deliver(group, stored, host, attempt) {
      const { headers, body } = writeBinary(stored, attempt);
      return verdictOf(await httpHost(group, host, options()).request('/', { method: 'POST', headers, body }));
    },
    async deliverNoEvent(group, host) {
      const app = httpHost(group, host, options());
      return verdictOf(await app.request('/', { method: 'POST', headers: { 'ce-id': '1' }, body: '{}' }));
    },
    stop: () => Promise.resolve(),
  }),
);

describeHost('behind HTTP, structured mode', () =>
  Promise.resolve({
    log: memoryLog(),
    async deliver(group, { envelope, position, previous }, host, attempt) {
      const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
      const body = JSON.stringify({ ...writeStructured(envelope, position), previous: String(previous), attempt });
      return verdictOf(await httpHost(group, host, options()).request('/', { method: 'POST', headers, body }));
    },
    stop: () => Promise.resolve(),
  }),
);

/** A function that is let through by hand. */
function held() {
  const gates: (() => void)[] = [];
  const fn = defineReaction({
    name: 'held',
    on: [utteranceReceived],
    emits: [],
    limits: { timeoutMs: 10_000, attempts: 1 },
    failure: 'step-failed',
    handle: () =>
      new Promise<readonly []>((resolve) => {
        gates.push(() => {
          resolve([]);
        });
      }),
  });
  const group: Group = { name: 'held', functions: [fn] };
  const letGo = () => {
    for (const release of gates.splice(0)) release();
  };
  return { group, begun: () => gates.length, letGo };
}

async function event(over: { readonly data?: unknown } = {}) {
  const log = memoryLog();
  const placed = await log.append(incoming(newSession(), saying('hello'), over), 0);
  if (placed.kind !== 'appended') throw new Error('the log is empty');
  return { host: testHost(log), request: { method: 'POST', ...writeBinary(placed.stored, 1) } };
}

describe('a function behind HTTP', () => {
  let serving: Serving | undefined;
  afterEach(async () => {
    onFailpoint(undefined);
    await serving?.close();
    serving = undefined;
  });

  it('says what is wrong as a problem document, without what the customer said', async () => {
    const { host, request } = await event({ data: { text: 7, secret: 'sesame' } });
    const response = await httpHost(held().group, host, options()).request('/', request);
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ status: 422, code: 'event.unreadable' });
    expect(text).not.toContain('sesame');
  });

  it('names the attribute that is wrong', async () => {
    const { host, request } = await event();
    const headers = { ...request.headers, 'ce-subject': 'a.b' };
    const response = await httpHost(held().group, host, options()).request('/', { ...request, headers });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ field: 'subject', message: 'is not valid' }] });
  });

  it.each([
    ['text', { 'content-type': 'text/plain' }, 415],
    ['a batch', { 'content-type': 'application/cloudevents-batch+json' }, 415],
  ])('takes no %s', async (_what, wrong, status) => {
    const { host, request } = await event();
    const headers = { ...request.headers, ...wrong };
    expect((await httpHost(held().group, host, options()).request('/', { ...request, headers })).status).toBe(status);
  });

  it('takes no more than 1 MiB', async () => {
    const { host, request } = await event();
    const body = JSON.stringify({ text: 'x'.repeat(1 << 20) });
    const response = await httpHost(held().group, host, options()).request('/', { ...request, body });
    expect(response.status).toBe(413);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  it('answers nothing but events on its one path', async () => {
    const { host, request } = await event();
    const app = httpHost(held().group, host, options());
    expect((await app.request('/')).status).toBe(404);
    expect((await app.request('/elsewhere', request)).status).toBe(404);
  });

  it('sends away what is more than it works on at a time, and takes it again when there is room', async () => {
    const { host, request } = await event();
    const { group, begun, letGo } = held();
    const app = httpHost(group, host, options({ concurrency: 2 }));
    const first = [1, 2].map(async () => app.request('/', request));
    await expect.poll(begun).toBe(2);
    const refused = await app.request('/', request);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ retryAfterMs: 1_000 });
    letGo();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([204, 204]);
    const later = app.request('/', request);
    await expect.poll(begun).toBe(1);
    letGo();
    expect((await later).status).toBe(204);
  });

  it.each(['/readyz', '/_/ready'])('says on %s whether it should be sent anything', async (path) => {
    const { host } = await event();
    const stopping = new AbortController();
    let isReady = false;
    const app = httpHost(held().group, host, options({ stopping: stopping.signal, isReady: () => isReady }));
    expect((await app.request(path)).status).toBe(503);
    isReady = true;
    expect((await app.request(path)).status).toBe(200);
    stopping.abort();
    expect((await app.request(path)).status).toBe(503);
  });

  it.each(['/healthz', '/_/health'])('says on %s that it lives, whatever the log does', async (path) => {
    const { host } = await event();
    const app = httpHost(held().group, host, options({ stopping: AbortSignal.abort(), isReady: () => false }));
    expect((await app.request(path)).status).toBe(200);
  });

  it('serves what still comes while it is asked to stop, and ends when everything is answered', async () => {
    const { host, request } = await event();
    const { group, begun, letGo } = held();
    const stopping = new AbortController();
    serving = await serve(httpHost(group, host, options({ stopping: stopping.signal })), {
      port: 0,
      hostname: '127.0.0.1',
    });
    const { url } = serving;
    const before = fetch(url, request);
    await expect.poll(begun).toBe(1);
    stopping.abort();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    const meanwhile = fetch(url, request);
    await expect.poll(begun).toBe(2);
    const closing = serving.close();
    letGo();
    expect((await Promise.all([before, meanwhile])).map(({ status }) => status)).toEqual([204, 204]);
    await closing;
    await expect(fetch(url, request)).rejects.toThrow();
  });

  it('gives up what nobody waits for any more, so that it comes again', async () => {
    const { host, request } = await event();
    let begun = 0;
    const waiting = defineReaction({
      name: 'waiting',
      on: [utteranceReceived],
      emits: [],
      limits: { timeoutMs: 10_000, attempts: 1 },
      failure: 'step-failed',
      handle: (_event, { signal }) =>
        new Promise<readonly []>((_resolve, reject) => {
          begun++;
          signal.addEventListener('abort', () => {
            reject(new Error('nobody waits'));
          });
        }),
    });
    const app = httpHost({ name: 'waiting', functions: [waiting] }, host, options());
    const gone = new AbortController();
    const response = app.request(new Request('http://localhost/', { ...request, signal: gone.signal }));
    await expect.poll(() => begun).toBe(1);
    gone.abort();
    expect((await response).status).toBe(503);
  });

  it('says of which event it is done, so that no other 202 is taken for it', async () => {
    const { host, request } = await event();
    const { group, begun, letGo } = held();
    const response = httpHost(group, host, options()).request('/', request);
    await expect.poll(begun).toBe(1);
    letGo();
    expect((await response).headers.get(DONE)).toBe('1');
  });

  describe('with the keys of sessions', () => {
    const scramble = (data: Uint8Array) => data.map((byte) => byte ^ 0xff);
    const cipher = {
      seal: (_event: unknown, data: Uint8Array) => scramble(data),
      open: (_event: unknown, data: Uint8Array) => scramble(data),
    };
    const sealed = (body: string) => ({
      headers: { 'content-type': 'application/octet-stream' },
      body: scramble(new TextEncoder().encode(body)),
    });
    const run = async (over: (given: string) => object, given: Partial<HttpOptions> = { cipher }) => {
      const { host, request } = await event();
      const { headers, ...more } = over(request.body) as { headers?: object };
      const app = httpHost({ name: 'none', functions: [] }, host, options(given));
      const response = await app.request('/', { ...request, ...more, headers: { ...request.headers, ...headers } });
      return response.status;
    };

    it('opens what they have sealed', async () => {
      expect(await run(sealed)).toBe(204);
    });

    it('takes nothing else: whoever reaches the port cannot make up what a customer said', async () => {
      expect(await run(() => ({}))).toBe(415);
      expect(await run(() => sealed('not JSON'))).toBe(400);
      expect(await run(sealed, {})).toBe(415);
    });

    it('has nothing to do with what was erased', async () => {
      const erased = { ...cipher, open: () => undefined };
      expect(await run(sealed, { cipher: erased })).toBe(204);
    });
  });

  it('gets ready for a session on /warm, and stores nothing', async () => {
    const { host, request } = await event();
    const prepared: string[] = [];
    const prepare = (opened: Stored) => {
      prepared.push(opened.envelope.id);
      return Promise.reject(new Error('there is no such bot'));
    };
    const { group, begun } = held();
    const app = httpHost(group, host, options({ prepare }));
    expect((await app.request('/warm', request)).status).toBe(204);
    expect(prepared).toEqual([request.headers['ce-id']]);
    expect((await app.request('/warm', { method: 'POST' })).status).toBe(204);
    expect(begun()).toBe(0);
  });

  it('passes its failpoints, in order', async () => {
    const { host, request } = await event();
    const passed: Failpoint[] = [];
    onFailpoint((name) => passed.push(name));
    const { group, begun, letGo } = held();
    const response = httpHost(group, host, options()).request('/', request);
    await expect.poll(begun).toBe(1);
    letGo();
    await response;
    expect(passed.filter((name) => name.startsWith('http.'))).toEqual(FAILPOINTS.filter((n) => n.startsWith('http.')));
  });
});
