import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type Serving } from '../../shared/http/serve.ts';
import { transcriber, type Transcriber } from '../../shared/speech/file/transcriber.ts';
import { writeWav } from '../../shared/speech/wav.ts';
import { ACME, clientOf, memoryGateway, RIVAL, type Body } from './gateway.fixture.ts';

const MODEL = fileURLToPath(new URL('../../models/speech-en-small', import.meta.url));
const FILES = new URL('../../shared/speech/file/fixtures/', import.meta.url);
const file = (name: string) => readFile(new URL(`digits.${name}`, FILES));

let hears: Transcriber;
let serving: Serving;
let stop: () => Promise<void>;
beforeAll(async () => {
  hears = transcriber({ engines: [{ kind: 'small', where: MODEL }] });
  const gateway = memoryGateway({ transcriber: hears });
  serving = await serve(gateway.app, { port: 0, hostname: '127.0.0.1' });
  stop = gateway.close;
});
afterAll(async () => {
  await stop();
  await serving.close();
  hears.close();
});

interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body & {
    readonly text: string;
    readonly type: string;
    readonly said?: { readonly session: string; readonly turn: string };
  };
}
type Sent = NonNullable<RequestInit['body']>;
const ask = async (query: string, body: Sent, headers: Record<string, string> = {}): Promise<Seen> => {
  const response = await fetch(`${serving.url}/v1/asr${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ACME}`, ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Seen['body'] };
};
const raw = async (name: string) => new Uint8Array(await file(name));
const session = async (key = ACME): Promise<string> => {
  const { body } = await clientOf((path, init) => fetch(serving.url + path, init), key).post('/v1/sessions', {});
  return body.session;
};

describe('POST /v1/asr', () => {
  it.each(['wav', 'flac', 'mp3', 'ogg', 'opus'])('transcribes %s, as a body', async (name) => {
    const { status, body } = await ask('?locale=en-GB', await raw(name));
    expect(status).toBe(200);
    expect(body).toMatchObject({ text: 'three one', language: 'en', utterances: [{ words: [{}, {}] }] });
    expect(body.said).toBeUndefined();
  });

  it('transcribes the field of a form', async () => {
    const form = new FormData();
    form.set('language', 'x');
    form.set('voice', new Blob([await raw('flac')]), 'a "name".flac');
    expect(await ask('', form)).toMatchObject({ status: 200, body: { text: 'three one', format: 'flac' } });
  });

  it('puts what was said into a session, once for each key', async () => {
    const id = await session();
    const key = { 'idempotency-key': '"recording-1"' };
    const first = await ask(`?session=${id}`, await raw('mp3'), key);
    expect(first).toMatchObject({ status: 200, body: { said: { session: id } } });
    const again = await ask(`?session=${id}`, await raw('wav'), key);
    expect(again.body.said).toEqual(first.body.said);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const events = await fetch(`${serving.url}/v1/sessions/${id}/events?after=0`, {
      headers: { authorization: `Bearer ${ACME}`, accept: 'application/json' },
    });
    const { events: all } = (await events.json()) as { events: { type: string; data: { text?: string } }[] };
    const said = all.filter(({ type }) => type === 'utterance.received');
    expect(said.map(({ data }) => data.text)).toEqual(['three one']);
  });

  it('puts nothing into a session where nobody spoke', async () => {
    const wav = writeWav({ rate: 8_000, samples: new Int16Array(16_000) });
    const { status, body } = await ask(`?session=${await session()}`, new Uint8Array(wav));
    expect(status).toBe(200);
    expect(body).toMatchObject({ text: '', utterances: [], durationMs: 2_000 });
    expect(body.said).toBeUndefined();
  });

  it.each<[string, string, () => Promise<Sent> | Sent, number, string]>([
    ['what is no recording', '', () => 'hello '.repeat(99), 415, 'unsupported-media-type'],
    ['nothing', '', () => '', 400, 'invalid-request'],
    ['half a header', '', async () => (await raw('wav')).slice(0, 30), 422, 'damaged-recording'],
    ['a language that is none', '?locale=!!', () => raw('wav'), 400, 'invalid-request'],
    ['a session that is none', '?session=nobody', () => raw('wav'), 400, 'invalid-request'],
    ['a session that nobody knows', '?session=01ARZ3NDEKTSV4RRFFQ69G5FAV', () => raw('wav'), 404, 'unknown-session'],
    ['a form without the field', '', () => new FormData(), 400, 'invalid-request'],
    [
      'a header that lies about its rate',
      '',
      () => {
        const wav = writeWav({ rate: 8_000, samples: new Int16Array(8_000) });
        new DataView(wav.buffer).setUint32(24, 4_000_000_000, true);
        return new Uint8Array(wav);
      },
      422,
      'damaged-recording',
    ],
    [
      'eleven minutes in 5 MB',
      '',
      () => new Uint8Array(writeWav({ rate: 4_000, samples: new Int16Array(4_000 * 660) })),
      413,
      'recording-too-long',
    ],
    [
      'an hour of MP3 in a few megabytes',
      '',
      () => new Uint8Array(Buffer.concat(Array.from({ length: 3_300 }, () => mp3)).buffer),
      413,
      'recording-too-long',
    ],
  ])('refuses %s', async (_what, query, body, status, slug) => {
    mp3 = await file('mp3');
    const seen = await ask(query, await body());
    expect([seen.status, seen.body.type]).toEqual([status, `urn:turnstream:problem:${slug}`]);
    // The next one is served as if nothing had happened.
    expect((await ask('', await raw('wav'))).status).toBe(200);
  });

  it('does not say what it hears to those who have no key, or of sessions of others', async () => {
    expect((await ask('', await raw('wav'), { authorization: 'Bearer no' })).status).toBe(401);
    expect((await ask(`?session=${await session(RIVAL)}`, await raw('wav'))).status).toBe(404);
  });

  it('refuses two gigabytes without taking them in', async () => {
    const { status, sent } = await upload({ 'content-length': String(2 ** 31) }, 2 ** 20);
    expect(status).toBe(413);
    expect(sent).toBeLessThanOrEqual(2 ** 20);
  });

  it('refuses two gigabytes whose length it is not told, once they are too much', async () => {
    // Half a second after its answer the server hangs up, heard or not, and a busy machine may not hear it by then.
    const refused = async () => (await upload({ 'transfer-encoding': 'chunked' }, 27 * 2 ** 20)).status;
    await expect.poll(refused, { timeout: 20_000 }).toBe(413);
    const before = process.memoryUsage().rss;
    const { sent } = await upload({ 'transfer-encoding': 'chunked' });
    expect(sent).toBeLessThan(200_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
  });

  it('says so where nobody listens', async () => {
    const deaf = memoryGateway();
    const headers = { authorization: `Bearer ${ACME}` };
    const response = await deaf.app.request('/v1/asr', { method: 'POST', headers, body: await raw('wav') });
    expect(response.status).toBe(501);
    await deaf.close();
  });
});

let mp3 = Buffer.alloc(0);

/** Sends `bytes`, or as much of them as it takes until the other side has had enough. */
function upload(
  headers: Record<string, string>,
  bytes = 2 ** 31,
): Promise<{ readonly status: number; readonly sent: number }> {
  return new Promise((resolve) => {
    let sent = 0;
    const outgoing = request(`${serving.url}/v1/asr`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ACME}`, 'content-type': 'audio/wav', ...headers },
    });
    const zeros = createReadStream('/dev/zero', { highWaterMark: 1 << 20, end: bytes - 1 });
    zeros.on('data', (chunk) => (sent += chunk.length));
    outgoing.on('response', (response) => {
      zeros.unpipe(outgoing);
      zeros.destroy();
      outgoing.destroy();
      resolve({ status: response.statusCode ?? 0, sent });
    });
    // The connection is closed under whoever goes on sending: the answer may be lost then.
    outgoing.on('error', () => {
      zeros.destroy();
      resolve({ status: 0, sent });
    });
    // What was announced and does not come is waited for.
    zeros.pipe(outgoing, { end: bytes === 2 ** 31 });
  });
}
