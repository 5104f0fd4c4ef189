import { LRUCache } from 'lru-cache';
import type { Guard } from '../../shared/egress/breaker.ts';
import type { Open, Opened } from '../../shared/egress/post.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { dayOf, type Budget } from './budget.ts';
import type { Endpoint } from './endpoints.ts';
import type { Completion, Generating } from './handler.ts';
import type { Prompt } from './prompt.ts';
import { malformed, readCompletion, refused } from './stream.ts';
import { tokensIn, tokensOf } from './tokens.ts';

/** Until the first word is there, milliseconds: a customer waits. */
export const FIRST_TOKEN_MS = 1_500;
/** Until the last word is there. */
export const TOTAL_MS = 4_000;
/** However long an endpoint says that it wants to be left alone. */
const LONGEST_PAUSE_MS = 600_000;
const ENDPOINTS = 1_000;

export interface Completing {
  /** Undefined for a tenant that has none. */
  readonly endpointOf: (tenant: string) => Endpoint | undefined;
  readonly open: Open;
  readonly guard: Guard;
  readonly budget: Budget;
  readonly now: () => Date;
  readonly firstTokenMs?: number;
  readonly totalMs?: number;
}

/**
 * Asks language models over HTTP, each under a breaker of its own. What an answer may cost at most is taken from the
 * tenant's budget before, and what it did not cost is given back after: so no number of processes spends more together.
 * What came of a call whose process dies in between stays counted until the day is over.
 */
export function completing(options: Completing): Generating['complete'] {
  const { endpointOf, guard, budget, now } = options;
  const pausedUntil = new LRUCache<string, number>({ max: ENDPOINTS });

  return async (tenant, prompt, signal) => {
    const endpoint = endpointOf(tenant);
    if (!endpoint) return failed('not-configured');
    // Who is refused for a key of its own does not close an endpoint to the others.
    const key = `${endpoint.url} ${endpoint.model} ${endpoint.key ?? ''}`;
    if ((pausedUntil.get(key) ?? 0) > now().getTime()) return failed('circuit-open');
    const day = dayOf(now());
    const most = tokensOf(prompt) + prompt.maxTokens;
    const left = endpoint.tokensPerDay - (await budget.add(tenant, day, most));
    let used = 0;
    try {
      if (left < 0) return failed('over-budget');
      const meter = (tokens: number) => (used = tokens);
      const { text, tokens } = await guard(key, () => ask(endpoint, prompt, { ...options, signal, meter }));
      used = tokens;
      return { kind: 'said', text, tokens, model: nameOf(endpoint.model) };
    } catch (error) {
      // The process is asked to stop: another one asks again.
      if (signal.aborted || !(error instanceof PlatformError)) throw error;
      if (error.code === 'model.refused' && error.retryAfterMs !== undefined) {
        pausedUntil.set(key, now().getTime() + Math.min(error.retryAfterMs, LONGEST_PAUSE_MS));
      }
      return failed(reasonOf(error));
    } finally {
      // What cannot be given back stays counted: that is no reason to ask again.
      await budget.add(tenant, day, used - most).catch(() => undefined);
    }
  };
}

interface Asking extends Pick<Completing, 'open' | 'firstTokenMs' | 'totalMs'> {
  readonly signal: AbortSignal;
  /** Told how many tokens the call has cost so far, for one that does not end well. */
  readonly meter: (tokens: number) => void;
}

async function ask(
  { url, model, key, allowPrivate }: Endpoint,
  prompt: Prompt,
  { open, signal, meter, firstTokenMs = FIRST_TOKEN_MS, totalMs = TOTAL_MS }: Asking,
): Promise<{ readonly text: string; readonly tokens: number }> {
  const late = new AbortController();
  const first = setTimeout(() => {
    late.abort();
  }, firstTokenMs);
  const limit = AbortSignal.any([signal, late.signal, AbortSignal.timeout(totalMs)]);
  let opened: Opened | undefined;
  try {
    opened = await open({
      url,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'user-agent': 'turnstream',
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({
        model,
        messages: prompt.messages,
        max_tokens: prompt.maxTokens,
        temperature: 0,
        stream: true,
        stream_options: { include_usage: true },
      }),
      allowPrivate,
      signal: limit,
    });
    const { status, retryAfterMs, contentType, body } = opened;
    if (status !== 200) throw refused(`the endpoint answered ${status}`, retryAfterMs);
    if (contentType !== 'text/event-stream') throw malformed('the endpoint does not stream');
    let tokens = tokensOf(prompt);
    meter(tokens);
    const written = await readCompletion(body, (piece) => {
      clearTimeout(first);
      meter((tokens += tokensIn(piece)));
    });
    return { text: written.text, tokens: written.tokens ?? tokens };
  } finally {
    clearTimeout(first);
    opened?.close();
  }
}

const failed = (reason: Extract<Completion, { kind: 'failed' }>['reason']): Completion => ({ kind: 'failed', reason });

function reasonOf({ code }: PlatformError): Extract<Completion, { kind: 'failed' }>['reason'] {
  switch (code) {
    case 'egress.circuit-open':
      return 'circuit-open';
    case 'egress.timed-out':
      return 'timed-out';
    case 'egress.refused':
    case 'model.refused':
      return 'refused';
    case 'model.malformed':
      return 'malformed';
    default:
      return 'unreachable';
  }
}

/** A model's name as an event can hold it: `qwen2.5:7b` is `qwen2.5-7b`. */
const nameOf = (model: string): string =>
  model
    .replace(/[^\p{L}\p{N}_./@+-]+/gu, '-')
    .replace(/^[^\p{L}\p{N}]+/u, '')
    .slice(0, 128) || 'model';
