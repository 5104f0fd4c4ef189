import { PlatformError } from '../../errors/index.ts';
import { readSpeech } from './speech-file.ts';
import type { Voice } from './voice.ts';

export interface RemoteOptions {
  /** The address of the API, up to `/v1`. An operator's own setting, so it may be private. */
  readonly url: string;
  readonly key?: string | undefined;
  readonly model: string;
  readonly voice: string;
  readonly timeoutMs?: number;
}

const MOST_BYTES = 32 * 1024 * 1024;

/** A voice behind OpenAI's `POST /v1/audio/speech`, which many servers speak. */
export function remoteVoice({ url, key, model, voice, timeoutMs = 10_000 }: RemoteOptions): Voice {
  const address = `${url.replace(/\/+$/u, '')}/audio/speech`;
  return {
    name: `${model}/${voice}`,
    async say(text, _locale, signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
        body: JSON.stringify({ model, voice, input: text, response_format: 'wav' }),
        signal: limit,
        redirect: 'error',
      }).catch((cause: unknown) => {
        throw unavailable('does not answer', cause);
      });
      if (!response.ok || !response.body) {
        await response.body?.cancel();
        throw unavailable(`answers ${response.status}`);
      }
      return readSpeech(await bytesOf(response.body));
    },
  };
}

async function bytesOf(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of body) {
      bytes += part.length;
      if (bytes > MOST_BYTES) throw unavailable('sends more than anybody listens to');
      parts.push(part);
    }
  } catch (cause) {
    throw cause instanceof PlatformError ? cause : unavailable('broke off', cause);
  }
  return Buffer.concat(parts);
}

const unavailable = (why: string, cause?: unknown) =>
  new PlatformError('tts.unavailable', `the voice server ${why}`, { retry: 'later', retryAfterMs: 1_000, cause });
