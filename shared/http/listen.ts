import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { PlatformError } from '../errors/index.ts';
import { problem } from './problem.ts';

/** An import would read every name of the module, and with some of them load a client for the web: 20 ms of a start. */
const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http');

/** Where a server listens, and what it puts up with. */
export interface ServeOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly hostname: string;
  readonly limits?: Partial<ServerLimits>;
  /** Takes a connection that wants to become something else, a WebSocket. Absent: it is answered as a request. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** How much of a connection the server puts up with. */
export interface ServerLimits {
  readonly maxConnections: number;
  readonly maxHeaderBytes: number;
  readonly headersMs: number;
  /** Longer than a body may take: that one is told why. */
  readonly requestMs: number;
  readonly keepAliveMs: number;
  readonly requestsPerConnection: number;
}

const DEFAULTS: ServerLimits = {
  maxConnections: 20_000,
  maxHeaderBytes: 16 * 1024,
  headersMs: 10_000,
  requestMs: 20_000,
  keepAliveMs: 30_000,
  requestsPerConnection: 100_000,
};
const CHECK_MS = 1_000;
const CLOSE_POLL_MS = 20;
/** How long the last answers may take when the server closes. */
const CLOSE_MS = 15_000;
const BACKLOG = 4_096;

/** A server that listens. */
export interface Serving {
  readonly port: number;
  readonly url: string;
  /** Takes no more connections, and resolves when the ones there are have got their answers. */
  close(): Promise<void>;
}

/** Serves over HTTP what answers as Node has it. Fails with `http.cannot-listen` (never) where the address is taken or not ours. */
export async function listen(listener: RequestListener, options: ServeOptions): Promise<Serving> {
  const { hostname } = options;
  const limits = { ...DEFAULTS, ...options.limits };
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: limits.keepAliveMs,
      noDelay: true,
    },
    (incoming, outgoing) => {
      unused.delete(incoming.socket);
      listener(incoming, outgoing);
    },
  );
  // Clients open connections in advance; the server does not count them as idle before their first request.
  const unused = new Set<Duplex>();
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.maxConnections = limits.maxConnections;
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  server.on('clientError', refuse);
  const { upgrade } = options;
  if (upgrade) {
    server.on('upgrade', (request: IncomingMessage, socket, head) => {
      unused.delete(socket);
      upgrade(request, socket, head);
    });
  }
  const port = await listening(server, options);
  return {
    port,
    url: `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`,
    close: () => closed(server, unused),
  };
}

function listening(server: Server, { port, hostname }: ServeOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const why = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? ': another program does' : '';
      const message = `cannot listen on ${hostname}:${port}${why}`;
      reject(new PlatformError('http.cannot-listen', message, { retry: 'never', cause }));
    });
    server.listen({ port, host: hostname, backlog: BACKLOG }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function closed(server: Server, unused: ReadonlySet<Duplex>): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => {
      // A connection that was busy when the server closed would be kept alive for further requests.
      server.closeIdleConnections();
      for (const socket of unused) socket.destroy();
    }, CLOSE_POLL_MS);
    const limit = setTimeout(() => {
      server.closeAllConnections();
    }, CLOSE_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(limit);
      resolve();
    });
  });
}

const REFUSALS: Readonly<Record<string, readonly [status: number, field: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request', 'did not arrive in time'],
  HPE_HEADER_OVERFLOW: [431, 'headers', 'are too long'],
};

/** What the parser could not read never becomes a request, but is told all the same. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, field, message] = REFUSALS[error.code ?? ''] ?? [400, 'request', 'is not HTTP'];
  const title = 'The request is not valid';
  const body = JSON.stringify(problem(status, 'invalid-request', title, { errors: [{ field, message }] }));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
