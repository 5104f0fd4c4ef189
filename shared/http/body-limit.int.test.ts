import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limitedBody } from './body-limit.ts';
import { serve, type Serving } from './serve.ts';

const MAX_BYTES = 10_000;

/** A body in several writes: with its length told, or in chunks. */
function send(url: string, bytes: number, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    // The server need not read a body to its end that it refuses.
    sending.on('error', reject);
    for (let left = bytes; left > 0; left -= 1_000) sending.write(Buffer.alloc(Math.min(left, 1_000), 'x'));
    sending.end();
  });
}

describe('a body over HTTP', () => {
  let server: Serving;
  let read: number | undefined;
  beforeEach(async () => {
    read = undefined;
    const app = new Hono();
    app.post(
      '/',
      limitedBody(MAX_BYTES, () => new Response(null, { status: 413 })),
      async (c) => {
        read = (await c.req.raw.arrayBuffer()).byteLength;
        return new Response(null, { status: 204 });
      },
    );
    server = await serve(app, { hostname: '127.0.0.1', port: 0 });
  });
  afterEach(() => server.close());

  const told = (bytes: number) => ({ 'content-length': String(bytes) });
  const chunked = () => ({ 'transfer-encoding': 'chunked' });

  it.each([
    ['whose length is told', told],
    ['in chunks', chunked],
  ])('%s is read up to the limit, and refused beyond it', async (_how, headersOf) => {
    expect(await send(server.url, MAX_BYTES, headersOf(MAX_BYTES))).toBe(204);
    expect(read).toBe(MAX_BYTES);
    read = undefined;
    expect(await send(server.url, MAX_BYTES + 1, headersOf(MAX_BYTES + 1))).toBe(413);
    expect(read).toBeUndefined();
  });

  it('whose length is told does not come in chunks beside it', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const chunk = 'x'.repeat(2 * MAX_BYTES);
    socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n');
    socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /u);
    expect(read).toBeUndefined();
  });

  it('that is none is none', async () => {
    expect(await send(server.url, 0, {})).toBe(204);
    expect(read).toBe(0);
  });
});
