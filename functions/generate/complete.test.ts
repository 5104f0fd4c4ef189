import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { breakers } from '../../shared/egress/breaker.ts';
import { egress } from '../../shared/egress/post.ts';
import type { Behaviour } from '../../shared/egress/receiver.fixture.ts';
import { completing, type Completing } from './complete.ts';
import type { Endpoint } from './endpoints.ts';
import { begin, end, event, page, piece, saying, startModelServer, type ModelServer } from './model-server.fixture.ts';
import type { Prompt } from './prompt.ts';
import { tokensOf } from './tokens.ts';

const PROMPT: Prompt = { messages: [{ role: 'user', content: 'May I?' }], maxTokens: 100 };
const MOST = tokensOf(PROMPT) + PROMPT.maxTokens;
const never = new AbortController().signal;

let server: ModelServer;
const out = egress();
let spent = 0;
const budget = { add: (_tenant: string, _day: string, tokens: number) => Promise.resolve((spent += tokens)) };

beforeAll(async () => {
  server = await startModelServer(saying('Yes.'));
});
afterAll(async () => {
  out.close();
  await server.close();
});
beforeEach(() => {
  spent = 0;
});

function asking(behaviour: Behaviour, over: Partial<Completing> = {}, endpoint: Partial<Endpoint> = {}) {
  server.behave(behaviour);
  const where: Endpoint = {
    url: `${server.base}/chat/completions`,
    model: 'qwen2.5:7b',
    tokensPerDay: 1_000_000,
    allowPrivate: true,
    ...endpoint,
  };
  const complete = completing({
    endpointOf: (tenant) => (tenant === 'acme' ? where : undefined),
    open: out.open,
    guard: breakers(),
    budget,
    now: () => new Date('2026-11-20T23:00:00Z'),
    ...over,
  });
  return (tenant = 'acme', signal = never) => complete(tenant, PROMPT, signal);
}

describe('a language model', () => {
  it('is asked as the protocol has it, with its key', async () => {
    const ask = asking(saying('Yes, 可以。', 77), {}, { key: 'sk-secret' });
    expect(await ask()).toEqual({ kind: 'said', text: 'Yes, 可以。', model: 'qwen2.5-7b', tokens: 77 });
    const { path, headers, body } = server.received.at(-1) ?? { headers: {}, body: '' };
    expect(path).toBe('/v1/chat/completions');
    expect(headers).toMatchObject({ authorization: 'Bearer sk-secret', 'content-type': 'application/json' });
    expect(JSON.parse(body)).toMatchObject({
      model: 'qwen2.5:7b',
      stream: true,
      max_tokens: 100,
      messages: PROMPT.messages,
    });
    expect(spent).toBe(77);
  });

  it('may send its stream in any pieces of bytes', async () => {
    const text = '七天内可以退货 😀';
    const bytes = Buffer.from(
      `data: ${JSON.stringify({ choices: [{ delta: { content: text }, finish_reason: 'stop' }] })}\r\n\r\ndata: [DONE]\n\n`,
    );
    const ask = asking((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': a comment\n\n');
      for (const byte of bytes) response.write(Uint8Array.of(byte));
      response.end();
    });
    expect(await ask()).toMatchObject({ kind: 'said', text });
  });

  it.each<[string, string, Behaviour]>([
    ['a page', 'malformed', page(200)],
    ['500', 'refused', page(500)],
    ['401', 'refused', page(401)],
    ['a redirect', 'refused', page(302, { location: 'http://127.0.0.1:1/' })],
    ['something other than JSON', 'malformed', (r) => event(begin(r), '{"choices": [').end()],
    ['JSON of another form', 'malformed', (r) => event(begin(r), { choices: 'yes' }).end()],
    ['an error in its stream', 'refused', (r) => event(begin(r), { error: { message: 'overloaded' } }).end()],
    [
      'a call of a tool',
      'malformed',
      (r) => event(begin(r), { choices: [{ delta: { tool_calls: [{ id: '1' }] } }] }).end(),
    ],
    ['a stream that ends in the middle', 'malformed', (r) => piece(begin(r), 'Yes, wi').end()],
    ['a stream that breaks off', 'unreachable', (r) => piece(begin(r), 'Yes, wi').destroy()],
    [
      'an answer that was cut off',
      'malformed',
      (r) => {
        end(piece(begin(r), 'Yes, wi'), 9, 'length');
      },
    ],
    [
      'its refusal',
      'refused',
      (r) => {
        end(begin(r), 9, 'content_filter');
      },
    ],
    ['bytes that are no text', 'malformed', (r) => begin(r).end(Buffer.from([0x64, 0xff, 0xfe, 0x0a, 0x0a]))],
    [
      'an endless answer',
      'malformed',
      (r) => {
        for (let i = 0; i < 100; i++) piece(r.headersSent ? r : begin(r), 'yes '.repeat(30));
      },
    ],
    ['an endless line', 'malformed', (r) => begin(r).end(`data: ${'x'.repeat(600_000)}`)],
  ])('that answers with %s has failed: %s', async (_what, reason, behaviour) => {
    expect(await asking(behaviour)()).toEqual({ kind: 'failed', reason });
  });

  it.each<[string, Behaviour]>([
    ['says nothing', () => undefined],
    ['says nothing after its head', (r) => void begin(r)],
    ['sends only comments', (r) => void begin(r).write(': still there\n\n')],
  ])('that %s has no time beyond the first word’s', async (_what, behaviour) => {
    const started = performance.now();
    expect(await asking(behaviour, { firstTokenMs: 60 })()).toEqual({ kind: 'failed', reason: 'timed-out' });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('has until the end of its time once it has begun', async () => {
    const ask = asking((r) => void piece(begin(r), 'Yes'), { firstTokenMs: 1_000, totalMs: 80 });
    expect(await ask()).toEqual({ kind: 'failed', reason: 'timed-out' });
  });

  it('is not asked for a tenant that has none, nor at a private address that nobody has allowed', async () => {
    const before = server.received.length;
    expect(await asking(saying('Yes.'))('globex')).toEqual({ kind: 'failed', reason: 'not-configured' });
    const ask = asking(saying('Yes.'), {}, { allowPrivate: false, url: 'https://localhost:8443/v1/chat/completions' });
    expect(await ask()).toEqual({ kind: 'failed', reason: 'refused' });
    expect(server.received).toHaveLength(before);
  });

  it('is left to another process where this one has to stop', async () => {
    const stopping = new AbortController();
    const asked = asking(() => {
      stopping.abort();
    })('acme', stopping.signal);
    await expect(asked).rejects.toThrow();
    expect(spent).toBe(0);
  });
});

describe('an endpoint in trouble', () => {
  it('is left alone for as long as it says with 429', async () => {
    let now = Date.parse('2026-11-20T23:00:00Z');
    const ask = asking(page(429, { 'retry-after': '20' }), { now: () => new Date(now) });
    expect(await ask()).toEqual({ kind: 'failed', reason: 'refused' });
    server.behave(saying('Yes.'));
    const before = server.received.length;
    now += 19_000;
    expect(await ask()).toEqual({ kind: 'failed', reason: 'circuit-open' });
    expect(server.received).toHaveLength(before);
    now += 2_000;
    expect(await ask()).toMatchObject({ kind: 'said' });
  });

  it('is left alone after five failures, then tried once, and used again once that went well', async () => {
    const guard = breakers({ resetMs: 100 });
    const ask = asking(page(500), { guard });
    for (let i = 0; i < 5; i++) expect(await ask()).toEqual({ kind: 'failed', reason: 'refused' });
    const before = server.received.length;
    for (let i = 0; i < 3; i++) expect(await ask()).toEqual({ kind: 'failed', reason: 'circuit-open' });
    expect(server.received).toHaveLength(before);

    await expect
      .poll(async () => (await Promise.all([ask(), ask(), ask()])).map((it) => 'reason' in it && it.reason).toSorted())
      .toEqual(['circuit-open', 'circuit-open', 'refused']);
    expect(server.received).toHaveLength(before + 1);
    server.behave(saying('Yes.'));
    await expect.poll(async () => (await ask()).kind).toBe('said');
    expect(await Promise.all([ask(), ask()])).toMatchObject([{ kind: 'said' }, { kind: 'said' }]);
  });

  it('is closed to nobody else because of one tenant’s key', async () => {
    const guard = breakers();
    const ask = asking(page(401), { guard }, { key: 'sk-wrong' });
    for (let i = 0; i < 5; i++) await ask();
    expect(await ask()).toEqual({ kind: 'failed', reason: 'circuit-open' });
    expect(await asking(saying('Yes.'), { guard }, { key: 'sk-right' })()).toMatchObject({ kind: 'said' });
  });
});

describe('a budget', () => {
  it('is never exceeded by what is under way at once, and what was not used is given back', async () => {
    const ask = asking(saying('Yes.', 10), {}, { tokensPerDay: MOST * 2 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask()));
    expect(answers.filter(({ kind }) => kind === 'said')).toHaveLength(2);
    expect(answers.flatMap((it) => (it.kind === 'failed' ? [it.reason] : []))).toEqual(Array(3).fill('over-budget'));
    expect(spent).toBe(20);
  });

  it('is not charged for what never began, and is for what broke off', async () => {
    await asking(page(500))();
    expect(spent).toBe(0);
    await asking((r) => piece(begin(r), 'Yes, wi').end())();
    expect(spent).toBeGreaterThan(tokensOf(PROMPT));
  });

  it('does not count against the endpoint when it is used up', async () => {
    const guard = breakers();
    const ask = asking(saying('Yes.'), { guard }, { tokensPerDay: 1 });
    for (let i = 0; i < 8; i++) expect(await ask()).toEqual({ kind: 'failed', reason: 'over-budget' });
    expect(await asking(saying('Yes.'), { guard })()).toMatchObject({ kind: 'said' });
  });
});
