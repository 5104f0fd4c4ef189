import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { PlatformError } from '../../shared/errors/index.ts';
import type { Doors } from './admission.ts';
import type { Connection } from './connection.ts';
import { audioSocketLine } from './lines/audiosocket.ts';
import { MAX_FRAME_BYTES } from './lines/line.ts';
import { recognise, subprotocolOf } from './lines/recognise.ts';
import type { Switchboard } from './switchboard.ts';

/** The path below which gateways connect: `/v1/voice/twilio`, `/v1/voice/acme/twilio`. */
export const VOICE_PATH = '/v1/voice';

/** What `ws` says where no goodbye came. */
const ABNORMAL = 1_006;
const CLOSE_AFTER_MS = 2_000;

/** Takes WebSockets of gateways. Who shows a wrong key or ticket gets 401, and who is elsewhere 404. */
export function webSockets(board: Switchboard, doors: Doors) {
  const server = new WebSocketServer({
    noServer: true,
    // Sound does not get smaller, and each compression keeps memory.
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: (offered) => subprotocolOf([...offered]) ?? false,
  });
  server.on('wsClientError', (_error, socket) => {
    refuse(socket, 400);
  });

  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    const url = URL.parse(request.url ?? '/', 'ws://voice');
    if (!url) {
      refuse(socket, 400);
      return;
    }
    const { pathname: path } = url;
    if (path !== VOICE_PATH && !path.startsWith(`${VOICE_PATH}/`)) {
      refuse(socket, 404);
      return;
    }
    const query = Object.fromEntries(url.searchParams);
    const { headers } = request;
    doors.atHandshake({ path, query, headers, url: request.url ?? '' }).then(
      (known) => {
        if (known === 'refused') {
          refuse(socket, 401);
          return;
        }
        server.handleUpgrade(request, socket, head, (ws) => {
          const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((s) => s.trim());
          const { ticket: _ticket, ...rest } = query;
          const plugged = board.take(recognise({ path, query: rest, protocols }), connectionOf(ws), known);
          ws.on('message', (data: RawData, isBinary) => {
            const bytes = data as Buffer;
            plugged.frame(isBinary ? bytes : bytes.toString('utf8'));
          });
          // Also after an error.
          ws.on('error', () => undefined);
          ws.on('close', (code) => {
            plugged.closed(code === ABNORMAL ? 'broken' : 'cleanly');
          });
        });
      },
      () => {
        refuse(socket, 503);
      },
    );
  };
}

function connectionOf(ws: WebSocket): Connection {
  return {
    send(frame) {
      if (ws.readyState === ws.OPEN) ws.send(frame);
    },
    close() {
      ws.close();
      // Who does not read does not answer the goodbye.
      setTimeout(() => {
        ws.terminate();
      }, CLOSE_AFTER_MS).unref();
    },
    get waitingBytes() {
      return ws.bufferedAmount;
    },
  };
}

const REASONS = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found', 503: 'Service Unavailable' } as const;

function refuse(socket: Duplex, status: keyof typeof REASONS): void {
  socket.end(`HTTP/1.1 ${status} ${REASONS[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** A TCP server that listens. */
export interface Listening {
  readonly port: number;
  close(): Promise<void>;
}

const MOST_SOCKETS = 2_000;

/** Listens for Asterisk's AudioSocket. Fails with `voice.cannot-listen` (never) where the port is taken. */
export async function audioSockets(board: Switchboard, hostname: string, port: number): Promise<Listening> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    const plugged = board.take(audioSocketLine(), tcpConnection(socket), 'unknown');
    socket.on('data', (bytes) => {
      plugged.frame(bytes);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      // AudioSocket has a word for hanging up, which would have come.
      plugged.closed('broken');
    });
  });
  server.maxConnections = MOST_SOCKETS;
  return {
    port: await listening(server, hostname, port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of open) socket.destroySoon();
      }),
  };
}

function tcpConnection(socket: Socket): Connection {
  return {
    send(frame) {
      if (socket.writable) socket.write(frame);
    },
    close() {
      socket.end();
      setTimeout(() => socket.destroy(), CLOSE_AFTER_MS).unref();
    },
    get waitingBytes() {
      return socket.writableLength;
    },
  };
}

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `cannot listen for AudioSocket on ${host}:${port}`;
      reject(new PlatformError('voice.cannot-listen', message, { retry: 'never', cause }));
    });
    server.listen({ port, host }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
