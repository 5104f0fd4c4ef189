import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request as a channel's server got it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a channel's server does with a request; `nth` counts from 1. */
export type Behaviour = (response: ServerResponse, nth: number, received: Received) => void;

/** A channel's own server on loopback. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly received: readonly Received[];
  /** Connections that were made so far. */
  readonly connections: () => number;
  /** Changes what it does from now on. */
  readonly behave: (behaviour: Behaviour) => void;
  /** Ends all connections, also those that are idle. */
  readonly hangUp: () => void;
  readonly close: () => Promise<void>;
}

/** Answers with this status, or these one after the other, the last of them for ever. */
export const answering =
  (...statuses: readonly number[]): Behaviour =>
  (response, nth) => {
    response.writeHead(statuses[Math.min(nth, statuses.length) - 1] ?? 200).end();
  };

/** Starts a server for tests on a free port of loopback. */
export async function startReceiver(first: Behaviour = answering(200)): Promise<Receiver> {
  let behaviour = first;
  let connections = 0;
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const { url: path = '', headers } = request;
      received.push({ path, headers, body: Buffer.concat(chunks).toString('utf8') });
      behaviour(response, received.length, received[received.length - 1] as Received);
    });
  };
  const server = createServer(listener);
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    connections: () => connections,
    behave: (next) => {
      behaviour = next;
    },
    hangUp,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        hangUp();
      }),
  };
}
