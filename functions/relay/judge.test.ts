import { describe, expect, it } from 'vitest';
import type { Answer } from './client.ts';
import { judge } from './judge.ts';

const tried = { position: 7, runs: 0, attempt: 1, now: new Date(0), chance: 0 };
const answered = (status: number, more: Partial<Extract<Answer, { kind: 'answered' }>> = {}): Answer => ({
  kind: 'answered',
  status,
  ...more,
});
const ours = (code?: string) => ({ type: 'urn:turnstream:problem:x', title: 'No', ...(code && { code }) });
const kindOf = (answer: Answer) => judge(answer, tried).worked.kind;
const faulty = (answer: Answer) => judge(answer, tried).isFault;

describe('an answer', () => {
  it.each([202, 204])('%i with the position of the event is done', (status) => {
    expect(judge(answered(status, { done: '7' }), tried)).toEqual({
      worked: { kind: 'ignored' },
      isFault: false,
      label: String(status),
    });
  });

  it.each<[string, Answer]>([
    ['202 that does not say of what', answered(202)],
    ['204 of another event', answered(204, { done: '8' })],
    ['200, which no function gives', answered(200, { done: '7' })],
    ['a redirect', answered(302)],
    ['an upgrade', answered(101)],
    ['404, since the way may be wrong', answered(404)],
    ['413 of something on the way', answered(413)],
    ['400 of something on the way', answered(400)],
    ['422 with somebody else’s problem', answered(422, { problem: { type: 'about:blank', title: 'No' } })],
    ['503 of something on the way', answered(503)],
    ['no connection', { kind: 'not-reached', why: 'ECONNREFUSED' }],
  ])('%s is to be tried again, and counts against the function', (_what, answer) => {
    expect(kindOf(answer)).toBe('retry');
    expect(faulty(answer)).toBe(true);
  });

  it.each<[string, Answer]>([
    ['500', answered(500)],
    ['502, as a proxy says whose function has died', answered(502)],
    ['504', answered(504)],
    ['500 with a problem of ours', answered(500, { problem: ours() })],
    ['silence', { kind: 'lost', why: 'timed-out' }],
    ['a connection that ends', { kind: 'lost', why: 'connection-lost' }],
  ])('%s may mean that the event has killed its process', (_what, answer) => {
    expect(kindOf(answer)).toBe('lost');
    expect(faulty(answer)).toBe(true);
  });

  it.each([400, 413, 415, 422, 431])('%i in the words of a function is for an operator', (status) => {
    const { worked, isFault } = judge(answered(status, { problem: ours('event.unreadable') }), tried);
    expect(worked).toMatchObject({ kind: 'rejected', error: { code: 'event.unreadable', retry: 'never' } });
    expect(isFault).toBe(false);
  });

  it('repeats neither a code that is none nor a long text', () => {
    const problem = { ...ours(), code: 'Not a code!', detail: 'x'.repeat(10_000) };
    expect(kindOf(answered(422, { problem }))).toBe('retry');
    const { worked } = judge(answered(422, { problem: { ...ours(), detail: 'x'.repeat(10_000) } }), tried);
    expect(worked.kind === 'rejected' && worked.error.message.length).toBe(200);
  });

  it.each<[number | undefined, number]>([
    [100, 100],
    [undefined, 1_000],
    [3_600_000, 60_000],
  ])(
    'comes again after the %s milliseconds that a function asks for, not after the whole second of the header',
    (retryAfterMs, ms) => {
      const problem = { ...ours('model.not-ready'), ...(retryAfterMs !== undefined && { retryAfterMs }) };
      const { worked } = judge(answered(503, { problem, retryAfter: '1' }), tried);
      expect(worked).toMatchObject({ kind: 'retry', afterMs: ms });
    },
  );

  it('503 of a function that lives does not count against it', () => {
    const answer = answered(503, { problem: ours('event.newer-revision'), retryAfter: '3' });
    expect(judge(answer, tried)).toMatchObject({
      worked: { kind: 'retry', afterMs: 3_000, error: { code: 'event.newer-revision' } },
      isFault: false,
    });
  });
});

describe('what is tried again', () => {
  const afterMs = (answer: Answer, over: Partial<typeof tried> = {}) => {
    const { worked } = judge(answer, { ...tried, ...over });
    return 'afterMs' in worked ? worked.afterMs : undefined;
  };

  it('waits longer each time, up to ten seconds, and not all at once', () => {
    const gone: Answer = { kind: 'not-reached', why: 'ECONNREFUSED' };
    expect([0, 1, 2, 20].map((runs) => afterMs(gone, { runs }))).toEqual([50, 100, 200, 5_000]);
    expect(afterMs(gone, { chance: 0.5 })).toBe(75);
    const lost: Answer = { kind: 'lost', why: 'timed-out' };
    expect([1, 2, 3].map((attempt) => afterMs(lost, { attempt }))).toEqual([50, 100, 200]);
  });

  it.each([
    ['5', 5_000],
    ['999999', 60_000],
    ['Thu, 01 Jan 1970 00:00:07 GMT', 7_000],
    ['soon', 50],
  ])('waits as Retry-After: %s asks for, within reason', (retryAfter, ms) => {
    for (const status of [429, 503]) expect(afterMs(answered(status, { retryAfter }))).toBe(ms);
  });
});
