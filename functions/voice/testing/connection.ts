import { connect } from 'node:net';
import { once } from 'node:events';
import { WebSocket } from 'ws';

/** What goes over a line. */
export type Out = string | Uint8Array;

/** An open line, from the gateway's side. */
export interface Connection {
  send(out: Out): void;
  close(): void;
  /** Without a goodbye. */
  destroy(): void;
  readonly isOpen: boolean;
}

/** Opens a WebSocket as a gateway does. */
export async function connectWebSocket(
  url: string,
  subprotocols: readonly string[],
  take: (frame: Out) => void,
  ended: () => void,
): Promise<Connection> {
  const socket = new WebSocket(url, [...subprotocols]);
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    take(isBinary ? new Uint8Array(data) : data.toString('utf8'));
  });
  socket.on('close', ended);
  await once(socket, 'open');
  // Afterwards whatever breaks is a closed line.
  socket.on('error', ended);
  return {
    send: (out) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(out);
    },
    close: () => {
      socket.close();
    },
    destroy: () => {
      socket.terminate();
    },
    get isOpen() {
      return socket.readyState === WebSocket.OPEN;
    },
  };
}

/** Opens a TCP connection, `tcp://host:port`. */
export async function connectTcp(url: string, take: (frame: Out) => void, ended: () => void): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('data', (bytes) => {
    take(new Uint8Array(Buffer.from(bytes)));
  });
  socket.on('close', ended);
  await once(socket, 'connect');
  socket.on('error', ended);
  return {
    send: (out) => {
      if (!socket.destroyed) socket.write(out);
    },
    close: () => {
      socket.end();
    },
    destroy: () => {
      socket.resetAndDestroy();
    },
    get isOpen() {
      return !socket.destroyed && socket.writable;
    },
  };
}
