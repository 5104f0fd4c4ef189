import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { egress, type Opened } from './post.ts';
import { startReceiver, type Receiver } from './receiver.fixture.ts';

let server: Receiver;
const out = egress();
beforeAll(async () => {
  server = await startReceiver();
});
afterAll(async () => {
  out.close();
  await server.close();
});

const open = (signal = new AbortController().signal, allowPrivate = true): Promise<Opened> =>
  out.open({ url: server.url, headers: { 'x-one': '1' }, body: 'ask', allowPrivate, signal });

async function textOf({ body }: Opened): Promise<string> {
  let text = '';
  for await (const piece of body) text += Buffer.from(piece).toString('utf8');
  return text;
}

describe('an answer that is read while it comes', () => {
  it('has its status, its type, and its body in pieces', async () => {
    server.behave((response) => {
      response.writeHead(201, { 'content-type': 'Text/Event-Stream; charset=utf-8', 'retry-after': '3' });
      response.write('one ');
      response.end('two');
    });
    const opened = await open();
    expect(opened).toMatchObject({ status: 201, contentType: 'text/event-stream', retryAfterMs: 3_000 });
    expect(await textOf(opened)).toBe('one two');
    expect(server.received.at(-1)).toMatchObject({ body: 'ask', headers: { 'x-one': '1' } });
  });

  it('is there before its end is', async () => {
    let finish: (() => void) | undefined;
    server.behave((response) => {
      response.writeHead(200).write('first');
      finish = () => response.end();
    });
    const { body } = await open();
    const pieces = body[Symbol.asyncIterator]();
    expect(Buffer.from((await pieces.next()).value as Uint8Array).toString()).toBe('first');
    finish?.();
    expect((await pieces.next()).done).toBe(true);
  });

  it('fails where it breaks off', async () => {
    server.behave((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    await expect(textOf(await open())).rejects.toMatchObject({ code: 'egress.unreachable' });
  });

  it('fails in time where it never ends, or never begins', async () => {
    server.behave((response) => void response.writeHead(200).write('half'));
    await expect(open(AbortSignal.timeout(50)).then(textOf)).rejects.toMatchObject({ code: 'egress.timed-out' });
    server.behave(() => undefined);
    await expect(open(AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'egress.timed-out' });
  });

  it('may be left where it stands', async () => {
    let isClosed = false;
    server.behave((response) => {
      response.on('close', () => (isClosed = true));
      response.writeHead(200).write('more to come');
    });
    const opened = await open();
    opened.close();
    await expect.poll(() => isClosed).toBe(true);
  });

  it('is no redirect that is followed, and not from a private address that nobody has allowed', async () => {
    server.behave((response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    expect(await open()).toMatchObject({ status: 302 });
    await expect(open(new AbortController().signal, false)).rejects.toMatchObject({ code: 'egress.refused' });
  });
});
