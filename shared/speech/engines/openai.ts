import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { egress, type Egress, type Opened } from '../../egress/post.ts';
import { PlatformError } from '../../errors/index.ts';
import type { Engine } from '../engine.ts';
import { joined } from '../intake.ts';
import { writeWav } from '../wav.ts';
import {
  failed,
  MOST_BYTES,
  MOST_TEXT,
  nameOf,
  remoteAt,
  tidied,
  timedOut,
  unavailable,
  type Remote,
} from './remote.ts';

const Answer = v.object({ text: v.pipe(v.string(), v.maxLength(MOST_TEXT)) });
const MODEL = 'whisper-1';
const TOO_MANY = 429;

/**
 * A server with OpenAI's `POST /v1/audio/transcriptions`, which hears an utterance once it is over. `where`:
 * `https://host/v1#model=whisper-1&languages=en+zh`. `key`: sent as a bearer token. The connection goes only to the
 * address that was checked, and no redirect is followed.
 */
export function openOpenai(where: string, key?: string, out: Egress = egress()): Promise<Engine> {
  const remote = remoteAt(where, ['http:', 'https:'], key);
  const { languages, rate, model = MODEL } = remote;
  return Promise.resolve({
    capabilities: {
      ...{ model: nameOf('openai', { ...remote, model }), languages, rate },
      ...{ streaming: false, state: 'cached', words: false },
    },
    begin({ locale }) {
      let pieces: Int16Array[] = [];
      return Promise.resolve({
        hear(sound) {
          pieces.push(sound);
          return Promise.resolve('');
        },
        async finish(signal) {
          const samples = pieces.reduce<Int16Array>(joined, new Int16Array(0));
          pieces = [];
          // Nobody has to be asked what was said in no sound at all.
          if (samples.length === 0) return { text: '', confidence: 1 };
          const text = await asked(
            out,
            remote,
            multipart(writeWav({ rate, samples }), fieldsOf(model, locale)),
            signal,
          );
          return { text: tidied(text), confidence: 1 };
        },
        save: () => undefined,
        close() {
          pieces = [];
        },
      });
    },
    close() {
      out.close();
      return Promise.resolve();
    },
  });
}

const fieldsOf = (model: string, locale: string): Readonly<Record<string, string>> => ({
  model,
  language: locale.split('-', 1)[0]?.toLowerCase() ?? '',
  response_format: 'json',
  temperature: '0',
});

async function asked(
  out: Egress,
  { url, key, timeoutMs }: Remote,
  { type, body }: { readonly type: string; readonly body: Uint8Array },
  given: AbortSignal | undefined,
): Promise<string> {
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = given ? AbortSignal.any([given, limit]) : limit;
  const headers = { 'content-type': type, accept: 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  const address = `${url.replace(/\/+$/u, '')}/audio/transcriptions`;
  try {
    const opened = await out.open({ url: address, headers, body, allowPrivate: true, signal });
    try {
      return await textIn(opened);
    } finally {
      opened.close();
    }
  } catch (error) {
    if (error instanceof PlatformError && error.code.startsWith('asr.')) throw error;
    throw signal.aborted ? timedOut(error) : unavailable('does not answer', error);
  }
}

async function textIn({ status, body }: Opened): Promise<string> {
  if (status === TOO_MANY || status >= 500) throw unavailable(`answers ${status}`);
  if (status !== 200) throw failed(`answers ${status}`);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > MOST_BYTES) throw failed('sends too much');
    parts.push(part);
  }
  const answer = v.safeParse(v.pipe(v.string(), v.parseJson(), Answer), Buffer.concat(parts).toString('utf8'));
  if (!answer.success) throw failed('answers what it does not say in its protocol');
  return answer.output.text;
}

/** A form as RFC 7578 has it: fields, and the recording as a file. */
function multipart(wav: Uint8Array, fields: Readonly<Record<string, string>>) {
  const boundary = `turnstream-${randomUUID()}`;
  const part = (disposition: string, more = '') =>
    `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n${more}\r\n`;
  const head = Object.entries(fields).map(([name, value]) => `${part(`name="${name}"`)}${value}\r\n`);
  const file = part('name="file"; filename="utterance.wav"', 'content-type: audio/wav\r\n');
  const body = Buffer.concat([Buffer.from(head.join('') + file), wav, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { type: `multipart/form-data; boundary=${boundary}`, body };
}
