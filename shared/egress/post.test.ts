import { createServer as createTlsServer, type Server } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { certificateFor } from './certificate.fixture.ts';
import { egress, type Egress, type Outgoing } from './post.ts';
import { answering, startReceiver, type Receiver } from './receiver.fixture.ts';
import type { Resolve } from './target.ts';

const never = new AbortController().signal;
const outgoing = (url: string, over: Partial<Outgoing> = {}): Outgoing => ({
  url,
  headers: { 'content-type': 'application/json' },
  body: '{"a":"ä"}',
  allowPrivate: true,
  signal: never,
  ...over,
});
const open: Egress[] = [];
const out = (options: Parameters<typeof egress>[0] = {}) => {
  const made = egress(options);
  open.push(made);
  return made;
};
const loopback: Resolve = () => Promise.resolve(['127.0.0.1']);

afterEach(() => {
  for (const made of open.splice(0)) made.close();
});

describe('a post', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await receiver.close();
  });

  it('arrives as it was sent', async () => {
    const { url } = receiver;
    const headers = { 'content-type': 'application/json', 'webhook-id': 'x' };
    expect(await out().post(outgoing(`${url}?a=b#c`, { headers }))).toEqual({ status: 200 });
    expect(receiver.received).toMatchObject([
      { path: '/hook?a=b', body: '{"a":"ä"}', headers: { 'webhook-id': 'x', host: `127.0.0.1:${receiver.port}` } },
    ]);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect (%i)', async (status) => {
    receiver.behave((response) => response.writeHead(status, { location: `${receiver.url}/next` }).end());
    expect(await out().post(outgoing(receiver.url))).toEqual({ status });
    expect(receiver.received).toHaveLength(1);
  });

  it('does not follow a redirect to the metadata of a cloud', async () => {
    const location = 'http://169.254.169.254/latest/meta-data/';
    receiver.behave((response) => response.writeHead(302, { location }).end());
    expect(await out().post(outgoing(receiver.url))).toEqual({ status: 302 });
  });

  it('hands on how long to wait', async () => {
    receiver.behave((response) => response.writeHead(429, { 'retry-after': '7' }).end());
    expect(await out().post(outgoing(receiver.url))).toEqual({ status: 429, retryAfterMs: 7_000 });
  });

  it('does not wait for an answer for ever', async () => {
    receiver.behave(() => undefined);
    await expect(out({ timeoutMs: 50 }).post(outgoing(receiver.url))).rejects.toMatchObject({
      code: 'egress.timed-out',
      retry: 'later',
    });
  });

  it('does not wait for an answer whose head comes drop by drop', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      const drip = setInterval(() => socket.write('X-A: 1\r\n'), 5);
      socket.on('close', () => {
        clearInterval(drip);
      });
      socket.write('HTTP/1.1 200 OK\r\n');
    });
    const url = await listening(server);
    // Ends by its time or by the size of the head, whichever is first.
    await expect(out({ timeoutMs: 100 }).post(outgoing(url))).rejects.toMatchObject({ retry: 'later' });
    await closed(server);
  });

  it('does not wait for a name that is never found', async () => {
    const resolve: Resolve = () => new Promise(() => undefined);
    await expect(out({ timeoutMs: 50, resolve }).post(outgoing('http://slow.test/'))).rejects.toMatchObject({
      code: 'egress.timed-out',
    });
  });

  it('ends when its caller says so', async () => {
    receiver.behave(() => undefined);
    const caller = new AbortController();
    const post = out().post(outgoing(receiver.url, { signal: caller.signal }));
    await expect.poll(() => receiver.received.length).toBe(1);
    caller.abort();
    await expect(post).rejects.toMatchObject({ code: 'egress.timed-out' });
  });

  it('reads no more than a little of a huge body', async () => {
    let sent = 0;
    let ended = false;
    receiver.behave((response) => {
      response.on('close', () => (ended = true));
      response.writeHead(200);
      const chunk = Buffer.alloc(64 << 10);
      const more = () => {
        while (!ended && response.write(chunk)) sent += chunk.length;
        response.once('drain', more);
      };
      more();
    });
    expect(await out().post(outgoing(receiver.url))).toEqual({ status: 200 });
    await expect.poll(() => ended).toBe(true);
    // What fits into the buffers of two sockets, not what the other side has to say.
    expect(sent).toBeLessThan(32 << 20);
  });

  it('leaves a body that never ends at its time limit', async () => {
    let ended = false;
    receiver.behave((response) => {
      response.on('close', () => (ended = true));
      response.writeHead(200).write('x');
    });
    expect(await out({ timeoutMs: 100 }).post(outgoing(receiver.url))).toEqual({ status: 200 });
    await expect.poll(() => ended).toBe(true);
  });

  it('takes a status for an answer, even if the rest of it is cut off', async () => {
    receiver.behave((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy());
    });
    expect(await out().post(outgoing(receiver.url))).toEqual({ status: 200 });
  });

  it.each([
    ['closes at once', (socket: Socket) => socket.destroy()],
    ['speaks something else', (socket: Socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
    ['has a head without end', (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`)],
  ])('fails where the other side %s', async (_what, act) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => act(socket));
    });
    const url = await listening(server);
    await expect(out().post(outgoing(url))).rejects.toMatchObject({ code: 'egress.unreachable', retry: 'later' });
    await closed(server);
  });

  it('takes a switch of protocols for a failure', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
      );
    });
    const url = await listening(server);
    expect(await out().post(outgoing(url))).toEqual({ status: 101 });
    await closed(server);
  });

  it('fails where nobody listens, and says so without the URL', async () => {
    const { url } = receiver;
    await receiver.close();
    await expect(out().post(outgoing(`${url}/secret`))).rejects.toMatchObject({
      message: 'no answer from the endpoint (ECONNREFUSED)',
    });
    receiver = await startReceiver();
  });

  it('uses a connection again', async () => {
    const { post } = out();
    for (let i = 0; i < 3; i++) expect(await post(outgoing(receiver.url))).toEqual({ status: 200 });
    expect(receiver.connections()).toBe(1);
  });

  it('is sent again at once when the idle connection it was sent on is closed', async () => {
    const { post } = out();
    const one = await post(outgoing(receiver.url));
    // The second request reaches the server on the idle connection, which ends without an answer.
    receiver.behave((response, nth, received) => {
      if (nth === 2) response.destroy();
      else answering(200)(response, nth, received);
    });
    expect([one, await post(outgoing(receiver.url))]).toEqual([{ status: 200 }, { status: 200 }]);
    expect(receiver.received).toHaveLength(3);
  });
});

describe('the address of a post', () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(async () => {
    await receiver.close();
  });
  const before = () => receiver.received.length;

  it('is the one that was checked, under the name that was asked for', async () => {
    const asked: string[] = [];
    const resolve: Resolve = (hostname) => {
      asked.push(hostname);
      return Promise.resolve(['127.0.0.1']);
    };
    const url = `http://no-such-name.test:${receiver.port}/`;
    expect(await out({ resolve }).post(outgoing(url))).toEqual({ status: 200 });
    expect(asked).toEqual(['no-such-name.test']);
    expect(receiver.received.at(-1)?.headers.host).toBe(`no-such-name.test:${receiver.port}`);
  });

  it('is checked again at each attempt: a name that moves inside is refused (DNS rebinding)', async () => {
    const answers = [['127.0.0.1'], ['169.254.169.254'], ['0.0.0.0']];
    const { post } = out({ resolve: () => Promise.resolve(answers.shift() ?? []) });
    const url = `http://rebind.test:${receiver.port}/`;
    expect(await post(outgoing(url))).toEqual({ status: 200 });
    const reached = before();
    await expect(post(outgoing(url))).rejects.toMatchObject({ code: 'egress.refused' });
    await expect(post(outgoing(url))).rejects.toMatchObject({ code: 'egress.refused' });
    await expect(post(outgoing(url))).rejects.toMatchObject({ code: 'egress.unresolved' });
    expect(before()).toBe(reached);
  });

  it('is never this machine unless the operator says so', async () => {
    const reached = before();
    for (const url of [
      `https://127.0.0.1:8443/`,
      'https://localhost:8443/',
      'https://[::1]:8443/',
      'https://2130706433/',
    ])
      await expect(out().post(outgoing(url, { allowPrivate: false }))).rejects.toMatchObject({
        code: 'egress.refused',
      });
    expect(before()).toBe(reached);
  });

  it('is the next one where nobody is at the first', async () => {
    // The server listens on 127.0.0.1 only.
    const resolve: Resolve = () => Promise.resolve(['127.0.0.2', '127.0.0.1']);
    expect(await out({ resolve }).post(outgoing(`http://two.test:${receiver.port}/`))).toEqual({ status: 200 });
  });
});

describe('a post over TLS', () => {
  const certified = certificateFor('hook.test');
  const trusted = getCACertificates('default');
  let server: Server;
  let names: (string | false | null | undefined)[] = [];
  beforeAll(async () => {
    setDefaultCACertificates([...trusted, certified.cert]);
    server = createTlsServer(certified, (request, response) => {
      names.push((request.socket as unknown as { servername: string | false }).servername);
      request.resume().on('end', () => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    setDefaultCACertificates(trusted);
    await closed(server);
  });
  beforeEach(() => {
    names = [];
  });
  const urlOf = (hostname: string) => `https://${hostname}:${(server.address() as AddressInfo).port}/`;

  it('goes to the checked address, and the certificate is that of the name', async () => {
    expect(await out({ resolve: loopback }).post(outgoing(urlOf('hook.test')))).toEqual({ status: 200 });
    expect(names).toEqual(['hook.test']);
  });

  it.each(['other.test', '127.0.0.1'])('fails where the certificate is for another name than %s', async (hostname) => {
    await expect(out({ resolve: loopback }).post(outgoing(urlOf(hostname)))).rejects.toMatchObject({
      message: 'no answer from the endpoint (ERR_TLS_CERT_ALTNAME_INVALID)',
    });
    expect(names).toEqual([]);
  });

  it('never shares a connection between names at one address', async () => {
    const { post } = out({ resolve: loopback });
    expect(await post(outgoing(urlOf('hook.test')))).toEqual({ status: 200 });
    await expect(post(outgoing(urlOf('other.test')))).rejects.toMatchObject({ code: 'egress.unreachable' });
  });

  it('fails where nobody vouches for the certificate', async () => {
    setDefaultCACertificates(trusted);
    await expect(out({ resolve: loopback }).post(outgoing(urlOf('hook.test')))).rejects.toMatchObject({
      code: 'egress.unreachable',
    });
    setDefaultCACertificates([...trusted, certified.cert]);
  });
});

async function listening(server: ReturnType<typeof createTcpServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const closed = (server: { close: (done: () => void) => unknown }) =>
  new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
