import type { Agent as HttpAgent, ClientRequest, IncomingMessage } from 'node:http';
import { DONE } from '../../shared/runtime/http.ts';
import type { RelayRequest } from './request.ts';

/** Imported, it would load all of `fetch` too: 20 ms of a start. */
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

/** An answer's body says why something was refused; more than this is not read. */
const BODY_LIMIT = 64 << 10;
const HEAD_LIMIT = 16 << 10;
/** Shorter than servers keep idle connections, so that none is used that is about to be closed. */
const IDLE_MS = 4_000;

/** What came of a request. */
export type Answer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** The position of the event that the answer says is done with. */
      readonly done?: string;
      readonly retryAfter?: string;
      /** The body, where it is a problem document that came as a whole. */
      readonly problem?: unknown;
    }
  /** Nothing was sent. */
  | { readonly kind: 'not-reached'; readonly why: string }
  /** Something was sent, and what came of it is not known. */
  | { readonly kind: 'lost'; readonly why: 'timed-out' | 'connection-lost' };

/** Posts to functions over connections that are kept. */
export interface Client {
  /** Never throws, and never follows a redirect. `path` is added to that of the target. */
  post(target: URL, path: string, request: RelayRequest, deadlineMs: number): Promise<Answer>;
  close(): void;
}

/**
 * A client for addresses that the operator has named. `node:http` and not `fetch`, which costs three times the
 * processor time for a request and does not tell whether anything was sent.
 */
export function client(connections: number): Client {
  const keep = { keepAlive: true, maxFreeSockets: connections, timeout: IDLE_MS };
  const agents = { 'http:': new http.Agent(keep), 'https:': new https.Agent(keep) };
  return {
    post: (target, path, request, deadlineMs) =>
      send(target, path, request, deadlineMs, agents[target.protocol as keyof typeof agents]),
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

function send(url: URL, path: string, message: RelayRequest, deadlineMs: number, agent: HttpAgent): Promise<Answer> {
  return new Promise((resolve) => {
    const request: ClientRequest = (url.protocol === 'https:' ? https.request : http.request)({
      hostname: url.hostname.replace(/^\[|\]$/gu, ''),
      port: url.port,
      path: pathOf(url, path),
      method: 'POST',
      // As a list they are written as they stand, which takes a third of the time.
      headers: ['host', url.host, ...message.headers],
      agent,
      maxHeaderSize: HEAD_LIMIT,
    });
    let sent = false;
    let late = false;
    let answered = false;
    const settle = (answer: Answer) => {
      clearTimeout(deadline);
      resolve(answer);
    };
    const fail = (cause?: unknown) => {
      // What ends after its head has come ends in `answerOf`.
      if (answered) return;
      if (!sent) settle({ kind: 'not-reached', why: late ? 'timed-out' : reasonOf(cause) });
      else settle({ kind: 'lost', why: late ? 'timed-out' : 'connection-lost' });
    };
    const deadline = setTimeout(() => {
      late = true;
      request.destroy();
    }, deadlineMs);
    request.once('socket', (socket) => {
      if (!socket.connecting) sent = true;
      else socket.once('connect', () => (sent = true));
    });
    request.once('response', (response) => {
      answered = true;
      void answerOf(response).then(settle);
    });
    // Nobody asked for another protocol: an answer like any other that is no success.
    request.once('upgrade', (_response, socket) => {
      socket.destroy();
      settle({ kind: 'answered', status: 101 });
    });
    request.on('error', fail);
    // However it ended: nobody may wait for ever.
    request.once('close', () => {
      fail();
    });
    // As text, header and body leave in one write.
    request.end(
      Buffer.from(message.body.buffer, message.body.byteOffset, message.body.length).toString('latin1'),
      'latin1',
    );
  });
}

const pathOf = ({ pathname }: URL, path: string): string =>
  path === '' ? pathname : `${pathname.replace(/\/$/u, '')}/${path}`;

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const { statusCode: status = 0, headers } = response;
  const { [DONE]: done, 'retry-after': retryAfter } = headers;
  const answer = {
    kind: 'answered',
    status,
    ...(typeof done === 'string' && { done }),
    ...(retryAfter !== undefined && { retryAfter }),
  } as const;
  const body = bodyOf(response);
  // The status has decided already. What else comes is read so that the connection can be used again.
  if (!headers['content-type']?.startsWith('application/problem+json')) return answer;
  const problem = jsonOf(await body);
  return problem === undefined ? answer : { ...answer, problem };
}

/** The body, as far as it is no longer than the limit; empty where it did not come to its end. */
function bodyOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let read = 0;
    response.on('data', (chunk: Buffer) => {
      read += chunk.length;
      chunks.push(chunk);
      if (read > BODY_LIMIT) response.destroy();
    });
    response.once('end', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    response.on('error', () => undefined);
    response.once('close', () => {
      resolve('');
    });
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A system's code (ECONNREFUSED); never a message, which may quote what the other side sent. */
function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/u.test(code) ? code : 'unknown';
}
