import { createServer, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connectionPool, openConnection, requestText } from './http-connection.ts';

let server: { close(done: () => void): unknown } | undefined;
afterEach(async () => {
  const open = server;
  if (open) await new Promise<void>((resolve) => open.close(resolve));
  server = undefined;
});

async function answering(onConnection: () => void = () => undefined): Promise<number> {
  const http: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      const text = JSON.stringify({ path: request.url, key: request.headers.authorization, body });
      response.writeHead(202, { 'content-length': Buffer.byteLength(text), location: '/v1/later' });
      // In parts, cut within a character.
      const bytes = Buffer.from(text);
      response.write(bytes.subarray(0, 30));
      setImmediate(() => response.end(bytes.subarray(30)));
    });
  }).on('connection', onConnection);
  server = http;
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return (http.address() as { readonly port: number }).port;
}

describe('a connection', () => {
  it('carries requests one after the other and reads answers that come in parts', async () => {
    const connection = await openConnection(await answering());
    for (const query of ['你好', '']) {
      const body = { query };
      const answer = await connection.request(requestText('POST', '/v1/chat', { key: 'ts_a', body }));
      expect(answer.status).toBe(202);
      expect(answer.head).toMatch(/\r\nlocation: \/v1\/later/iu);
      expect(JSON.parse(answer.body)).toEqual({ path: '/v1/chat', key: 'Bearer ts_a', body: JSON.stringify(body) });
    }
    connection.close();
  });

  it('that is lost says so', async () => {
    const tcp = createTcpServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n')));
    server = tcp;
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const { port } = tcp.address() as { readonly port: number };
    const connection = await openConnection(port);
    await expect(connection.request(requestText('GET', '/', { key: 'a' }))).rejects.toThrow('closed');
    expect(connection.usable()).toBe(false);
  });
});

describe('a pool', () => {
  it('uses a connection again, and opens another only while all are busy', async () => {
    let opened = 0;
    const pool = connectionPool(await answering(() => opened++));
    const ask = () => pool.request(requestText('GET', '/', { key: 'a' }));
    for (let i = 0; i < 5; i++) await ask();
    expect(opened).toBe(1);
    await Promise.all([ask(), ask(), ask()]);
    expect(opened).toBe(3);
    pool.close();
  });
});
