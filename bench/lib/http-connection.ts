import { connect, type Socket } from 'node:net';

/** An answer to a request. */
export interface Answer {
  readonly status: number;
  /** The header lines, as they came. */
  readonly head: string;
  readonly body: string;
}

/** One connection that is kept alive and carries one request at a time. */
export interface Connection {
  /** Fails when the connection is lost before the answer is there. */
  request(text: string): Promise<Answer>;
  /** Whether it can carry another request. */
  readonly usable: () => boolean;
  close(): void;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const LENGTH = /\r\ncontent-length: *(\d+)/iu;
const CLOSE = /\r\nconnection: *close/iu;

/**
 * Connects to a port of this machine. Node's own client takes 60 µs of processor time for a request, this one a
 * third of it; on two cores that the load generator shares with what it measures, it matters.
 */
export function openConnection(port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(connectionOn(socket));
    });
  });
}

function connectionOn(socket: Socket): Connection {
  let waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | undefined;
  let received: Buffer = Buffer.alloc(0);
  let usable = true;

  const lost = (error?: Error) => {
    usable = false;
    waiting?.reject(error ?? new Error('the connection was closed before the answer was there'));
    waiting = undefined;
  };
  socket.on('error', lost);
  socket.on('close', () => {
    lost();
  });
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = complete(received);
    if (!answer) return;
    received = Buffer.alloc(0);
    if (CLOSE.test(answer.head)) {
      usable = false;
      socket.end();
    }
    waiting?.resolve(answer);
    waiting = undefined;
  });

  return {
    request: (text) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(text);
      }),
    usable: () => usable,
    close: () => socket.destroy(),
  };
}

/** The answer, once all of it is there. The gateway names the length of everything but event streams. */
function complete(received: Buffer): Answer | undefined {
  const end = received.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const head = received.toString('latin1', 0, end);
  const length = Number(LENGTH.exec(head)?.[1] ?? 0);
  const from = end + END_OF_HEAD.length;
  if (received.length < from + length) return undefined;
  return { status: Number(head.slice(9, 12)), head, body: received.toString('utf8', from, from + length) };
}

/** A request as it goes over the wire. */
export function requestText(
  method: 'GET' | 'POST',
  path: string,
  options: { readonly key: string; readonly body?: object; readonly headers?: string },
): string {
  const body = options.body === undefined ? '' : JSON.stringify(options.body);
  const type = options.body === undefined ? '' : 'content-type: application/json\r\n';
  return (
    `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${options.key}\r\n${type}` +
    `${options.headers ?? ''}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

/** Connections to one port, as many as are needed at a time. */
export interface Pool {
  request(text: string): Promise<Answer>;
  close(): void;
}

/** Keeps connections for further requests; those that were idle for long are left alone, since the server closes them. */
export function connectionPool(port: number, idleMs = 15_000): Pool {
  const idle: { readonly connection: Connection; readonly since: number }[] = [];
  const all = new Set<Connection>();
  const free = (): Connection | undefined => {
    for (let last = idle.pop(); last; last = idle.pop()) {
      if (last.connection.usable() && performance.now() - last.since < idleMs) return last.connection;
      last.connection.close();
      all.delete(last.connection);
    }
    return undefined;
  };
  return {
    async request(text) {
      const connection = free() ?? (await openConnection(port));
      all.add(connection);
      try {
        const answer = await connection.request(text);
        idle.push({ connection, since: performance.now() });
        return answer;
      } catch (error) {
        all.delete(connection);
        throw error;
      }
    },
    close() {
      for (const connection of all) connection.close();
    },
  };
}
