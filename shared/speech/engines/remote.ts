import { PlatformError } from '../../errors/index.ts';
import type { EngineCapabilities } from '../engine.ts';

/** A recogniser on another machine, as an operator names it. */
export interface Remote {
  /** Without what stands after `#`. */
  readonly url: string;
  /** A key for its API, where it wants one. */
  readonly key?: string | undefined;
  readonly model: string | undefined;
  readonly languages: readonly string[];
  readonly rate: EngineCapabilities['rate'];
  /** How long it may be silent where something has to come, milliseconds. */
  readonly timeoutMs: number;
  /** Everything else that stands after `#`. */
  readonly more: URLSearchParams;
}

const TIMEOUT_MS = 10_000;

/**
 * Reads an address such as `ws://vosk:2700#languages=en&rate=8000`: what stands after `#` is never sent and says what
 * the server does not tell. Fails with `config.invalid` (never).
 */
export function remoteAt(where: string, schemes: readonly string[], key?: string): Remote {
  const url = URL.parse(where);
  if (!url || !schemes.includes(url.protocol)) throw badSetting(`an address begins with ${schemes.join(' or ')}`);
  const more = new URLSearchParams(url.hash.slice(1));
  url.hash = '';
  const rate = Number(more.get('rate') ?? 16_000);
  if (rate !== 8_000 && rate !== 16_000) throw badSetting('the rate is 8000 or 16000');
  const timeoutMs = Number(more.get('timeout') ?? TIMEOUT_MS);
  if (!Number.isInteger(timeoutMs) || timeoutMs < 10) throw badSetting('the timeout is a number of milliseconds');
  const languages = (more.get('languages') ?? '')
    .split('+')
    .join(' ')
    .split(' ')
    .filter((tag) => tag !== '');
  if (!languages.every((tag) => /^[a-z]{2,3}$/u.test(tag))) throw badSetting('languages are written like en+zh');
  return { url: url.href, key, model: more.get('model') ?? undefined, languages, rate, timeoutMs, more };
}

/** What the engine is called: other servers and models, other names. */
export function nameOf(kind: string, { url, model }: Remote): string {
  const { host, pathname } = new URL(url);
  const at = `${host}${pathname === '/' ? '' : pathname}`;
  return `${kind}/${model === undefined ? '' : `${model}@`}${at}`.replaceAll(/[^\w./@+-]/gu, '-').slice(0, 128);
}

/** No answer, or none that can be had now. */
export const unavailable = (why: string, cause?: unknown) =>
  new PlatformError('asr.unavailable', `the recogniser ${why}`, { retry: 'later', retryAfterMs: 1_000, cause });
/** An answer that is none. */
export const failed = (why: string, cause?: unknown) =>
  new PlatformError('asr.failed', `the recogniser ${why}`, { retry: 'later', cause });
export const timedOut = (cause?: unknown) =>
  new PlatformError('asr.timed-out', 'the recogniser took too long', { retry: 'later', cause });

/** `config.invalid` (never): what an operator has written cannot be meant. */
export const badSetting = (why: string) =>
  new PlatformError('config.invalid', `recognisers of speech: ${why}`, { retry: 'never' });

/** Single spaces between words, none around them. */
export const tidied = (text: string): string => text.replaceAll(/\s+/gu, ' ').trim();

/** More text than anybody says in an utterance; a server that sends it is not listened to. */
export const MOST_TEXT = 20_000;
/** Bytes of an answer that are read. */
export const MOST_BYTES = 256 * 1024;
