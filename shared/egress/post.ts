import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { PlatformError } from '../errors/index.ts';
import { parseRetryAfter } from './retry-after.ts';
import { systemResolve, targetOf, vettedAddresses, type Resolve, type Target } from './target.ts';

/** Time limit of one request from the name's look-up to the answer's head, milliseconds. */
export const POST_TIMEOUT_MS = 15_000;
/** Addresses of a name that are tried one after the other. */
const ADDRESSES = 3;
/** An answer's body says nothing that is wanted; up to this much is read so that the connection can be used again. */
const BODY_LIMIT = 64 << 10;
const HEAD_LIMIT = 16 << 10;
const IDLE_MS = 4_000;
const IDLE_CONNECTIONS = 16;

/** A request to somebody else's server. */
export interface Outgoing {
  /** `POST` where nothing is said. */
  readonly method?: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: the request has none. */
  readonly body?: string | Uint8Array;
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

/** What came back: any status, also that of a redirect, which is never followed. */
export interface Answer {
  readonly status: number;
  readonly retryAfterMs?: number;
}

/**
 * Posts to a URL that somebody outside has chosen. Fails with `egress.refused` (what is not allowed),
 * `egress.unresolved`, `egress.timed-out` or `egress.unreachable`; messages never contain the URL or what was sent.
 */
export type Post = (outgoing: Outgoing) => Promise<Answer>;

/** What came back, before its body was read: whoever opened it reads to the end or closes it. */
export interface Opened extends Answer {
  /** In lower case, without parameters; empty where the other side names none. */
  readonly contentType: string;
  /** Fails with `egress.unreachable` where it breaks off, with `egress.timed-out` once the signal says so. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly close: () => void;
}

/** Posts like `Post`, and hands over the answer while it comes. Only the signal limits how long it takes. */
export type Open = (outgoing: Outgoing) => Promise<Opened>;

export interface Egress {
  readonly post: Post;
  readonly open: Open;
  /** Closes idle connections. */
  close(): void;
}

/**
 * The way out to the internet. `node:https` rather than `fetch`: it takes the address to connect to as an argument, so
 * that a checked address is the one that is used, while Host, SNI and certificate go by the name.
 */
export function egress(options: { readonly resolve?: Resolve; readonly timeoutMs?: number } = {}): Egress {
  const { resolve = systemResolve, timeoutMs = POST_TIMEOUT_MS } = options;
  const keep = { keepAlive: true, maxFreeSockets: IDLE_CONNECTIONS, timeout: IDLE_MS };
  const agents = { 'http:': new HttpAgent(keep), 'https:': new HttpsAgent(keep) };

  const ask = async <T>(outgoing: Outgoing, limit: AbortSignal, take: Take<T>): Promise<T> => {
    const { url, allowPrivate } = outgoing;
    try {
      const target = targetOf(url, allowPrivate);
      const addresses = await unlessAborted(vettedAddresses(target, allowPrivate, resolve), limit);
      const agent = agents[target.url.protocol as keyof typeof agents];
      return await firstAnswer(addresses.slice(0, ADDRESSES), (address, fresh) =>
        send(target, address, outgoing, { signal: limit, agent: fresh ? false : agent, take }),
      );
    } catch (cause) {
      throw limit.aborted ? timedOut(cause) : cause;
    }
  };

  return {
    post: (outgoing) => ask(outgoing, AbortSignal.any([outgoing.signal, AbortSignal.timeout(timeoutMs)]), discarded),
    open: (outgoing) => ask(outgoing, outgoing.signal, (response) => openedOf(response, outgoing.signal)),
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** Goes on to the next address where nobody is, as a browser would. */
async function firstAnswer<T>(
  addresses: readonly string[],
  ask: (address: string, fresh: boolean) => Promise<T>,
): Promise<T> {
  for (const [i, address] of addresses.entries()) {
    try {
      return await ask(address, false).catch((error: unknown) => {
        // The other side had closed the idle connection just then: that says nothing about the endpoint.
        if (error instanceof Unreachable && error.reused) return ask(address, true);
        throw error;
      });
    } catch (error) {
      const nobodyThere = error instanceof Unreachable && NOBODY.has(error.reason);
      if (!nobodyThere || i === addresses.length - 1) throw error;
    }
  }
  throw new Unreachable('no address', false);
}

const NOBODY: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL']);

/** No answer. Says whether the connection had served before, in which case a new one may do better. */
class Unreachable extends PlatformError {
  readonly reason: string;
  readonly reused: boolean;

  constructor(reason: string, reused: boolean, cause?: unknown) {
    super('egress.unreachable', `no answer from the endpoint (${reason})`, { retry: 'later', cause });
    this.reason = reason;
    this.reused = reused;
  }
}

/** What is made of an answer whose head is there. */
type Take<T> = (response: IncomingMessage) => T;

interface Sending<T> {
  readonly signal: AbortSignal;
  readonly agent: HttpAgent | false;
  readonly take: Take<T>;
}

function send<T>(
  { url, hostname, port }: Target,
  address: string,
  { method = 'POST', headers, body }: Outgoing,
  { signal, agent, take }: Sending<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const request: ClientRequest = (secure ? httpsRequest : httpRequest)({
      host: address,
      port,
      path: `${url.pathname}${url.search}`,
      method,
      headers: { ...headers, host: url.host, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
      agent,
      signal,
      maxHeaderSize: HEAD_LIMIT,
      // An address cannot stand in SNI; the certificate is then compared with the address.
      ...(secure && { servername: isIP(hostname) ? '' : hostname, rejectUnauthorized: true }),
    });
    const fail = (cause?: unknown) => {
      reject(new Unreachable(reasonOf(cause), request.reusedSocket, cause));
    };
    request.once('response', (response) => {
      resolve(take(response));
    });
    // Nobody asked for another protocol: an answer like any other that is not a success.
    request.once('upgrade', (response, socket) => {
      socket.destroy();
      resolve(take(response));
    });
    request.on('error', fail);
    // However it ended: nobody may wait for ever.
    request.once('close', () => {
      fail();
    });
    request.end(body);
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage): Answer {
  const retryAfterMs = parseRetryAfter(headers['retry-after'], new Date());
  return { status: statusCode, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

function openedOf(response: IncomingMessage, signal: AbortSignal): Opened {
  const [type = ''] = (response.headers['content-type'] ?? '').split(';');
  // Whoever reads is told by the reading; nobody may be reading.
  response.on('error', () => undefined);
  return {
    ...answerOf(response),
    contentType: type.trim().toLowerCase(),
    body: bodyOf(response, signal),
    close: () => void response.destroy(),
  };
}

async function* bodyOf(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of response) yield chunk as Uint8Array;
  } catch (cause) {
    throw signal.aborted ? timedOut(cause) : new Unreachable(reasonOf(cause), false, cause);
  }
}

const timedOut = (cause: unknown) =>
  new PlatformError('egress.timed-out', 'no answer in time', { retry: 'later', cause });

/** Reads the body to its end or its limit, whichever is first. The status has decided already. */
function discarded(response: IncomingMessage): Answer {
  let read = 0;
  response.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > BODY_LIMIT) response.destroy();
  });
  response.on('error', () => undefined);
  return answerOf(response);
}

/** A system's code (ECONNREFUSED, CERT_HAS_EXPIRED); never a message, which may quote what the other side sent. */
function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/u.test(code) ? code : 'connection closed';
}

/** A look-up cannot be ended; it is left to itself. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}
