import { isIP, type LookupFunction } from 'node:net';
import { WebSocket } from 'ws';
import type { PlatformError } from '../../errors/index.ts';
import { systemResolve, targetOf, vettedAddresses } from '../../egress/target.ts';
import { failed, MOST_BYTES, timedOut, unavailable, type Remote } from './remote.ts';

/** A connection on which sound goes out and JSON comes in. Everything fails once it has failed. */
export interface Socket {
  send(data: string | Uint8Array): void;
  /** The next message, an object; undefined where the server has closed as one does at the end. */
  next(signal?: AbortSignal, limitMs?: number): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** What has come and was not asked for. */
  come(): readonly Readonly<Record<string, unknown>>[];
  /** Fulfilled once the server has taken in everything that was sent, and what it said to that is here. */
  taken(signal?: AbortSignal): Promise<void>;
  close(): void;
}

const MOST_WAITING = 1_000;
/** Shorter than anybody waits for an utterance to begin: a connection that comes later would belong to nobody. */
const CONNECT_MS = 5_000;
const NORMAL = 1_000;

/**
 * Connects to a server of the operator's own, whose address may be private. What comes is limited in size and in
 * number. Fails as an engine does; what it fails with never quotes what was said.
 */
export async function connected({ url, timeoutMs }: Remote, protocols: readonly string[] = []): Promise<Socket> {
  const socket = new WebSocket(url, [...protocols], {
    maxPayload: MOST_BYTES,
    perMessageDeflate: false,
    handshakeTimeout: Math.min(timeoutMs, CONNECT_MS),
    followRedirects: false,
    lookup: only((await addressOf(url))[0]),
  });
  const messages: Readonly<Record<string, unknown>>[] = [];
  let over: { readonly error: PlatformError | undefined } | undefined;
  let wake: (() => void) | undefined;
  const end = (error: PlatformError | undefined) => {
    over ??= { error };
    wake?.();
    socket.terminate();
  };
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    const read = isBinary ? undefined : objectIn(data);
    if (!read) end(failed('sends what is no JSON object'));
    else if (messages.push(read) > MOST_WAITING) end(failed('says too much'));
    wake?.();
  });
  socket.on('pong', () => wake?.());
  socket.on('error', (cause) => {
    const code = 'code' in cause ? String(cause.code) : '';
    end(
      code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? failed('sends too much') : unavailable('cannot be reached', cause),
    );
  });
  socket.on('close', (code) => {
    end(code === NORMAL ? undefined : unavailable('hung up'));
  });

  /** Until something is so; the connection's end is always something. */
  const until = async (isSo: () => boolean, signal: AbortSignal | undefined, limitMs: number): Promise<void> => {
    const limit = signal ? AbortSignal.any([signal, AbortSignal.timeout(limitMs)]) : AbortSignal.timeout(limitMs);
    const onAbort = () => wake?.();
    limit.addEventListener('abort', onAbort, { once: true });
    try {
      while (!isSo() && !over) {
        if (limit.aborted) throw timedOut(limit.reason);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      limit.removeEventListener('abort', onAbort);
    }
  };

  const isOpen = () => socket.readyState === WebSocket.OPEN;
  socket.once('open', () => wake?.());
  await until(isOpen, undefined, Math.min(timeoutMs, CONNECT_MS)).catch((error: unknown) => {
    end(undefined);
    throw error;
  });
  const still = () => {
    if (over) throw over.error ?? unavailable('hung up');
  };
  if (!isOpen()) end(unavailable('hung up'));
  still();

  let pinged = 0;
  let ponged = 0;
  socket.on('pong', (data: Buffer) => (ponged = Number(data.toString())));
  return {
    send(data) {
      still();
      socket.send(data);
    },
    async next(signal, limitMs = timeoutMs) {
      await until(() => messages.length > 0, signal, limitMs);
      const first = messages.shift();
      if (first || !over?.error) return first;
      throw over.error;
    },
    come: () => messages.splice(0),
    async taken(signal) {
      still();
      const mine = ++pinged;
      socket.ping(String(mine));
      await until(() => ponged >= mine, signal, timeoutMs);
      still();
    },
    close() {
      end(undefined);
    },
  };
}

/** Checked like every address that the platform connects to; the operator's own networks are allowed. */
async function addressOf(url: string): Promise<readonly [string, ...string[]]> {
  try {
    return await vettedAddresses(targetOf(url.replace(/^ws/u, 'http'), true), true, systemResolve);
  } catch (cause) {
    throw unavailable('cannot be reached', cause);
  }
}

/** The address that was checked is the one that is connected to; name and certificate stay those of the URL. */
const only =
  (address: string): LookupFunction =>
  (_name, { all }, found) => {
    const family = isIP(address);
    if (all) found(null, [{ address, family }]);
    else found(null, address, family);
  };

function objectIn(data: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
