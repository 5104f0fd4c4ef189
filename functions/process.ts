import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { ConnectionConfig } from '../shared/config/config.ts';
import { PlatformError } from '../shared/errors/index.ts';

/**
 * Connects to the log's servers, for the life of a process. It keeps trying for as long as the process runs: readiness
 * says no meanwhile, and what is asked of the log fails at once instead of waiting. `inboxPrefix`: the only place where
 * its user may hear answers.
 */
export async function connectLog(config: ConnectionConfig, name: string, inboxPrefix: string): Promise<NatsConnection> {
  const { TURNSTREAM_NATS_USER: user, TURNSTREAM_NATS_PASSWORD: pass } = config;
  const servers = config.TURNSTREAM_NATS_URL.split(',');
  try {
    return await connect({
      servers,
      name,
      inboxPrefix,
      ...(user && { user, pass: pass ?? '' }),
      ...encryption(servers),
      // A stack trace for each request costs more than the request.
      noAsyncTraces: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      reconnectJitter: 100,
      timeout: 5_000,
    });
  } catch (cause) {
    const refused = cause instanceof Error && cause.name === 'AuthorizationError';
    if (refused) {
      throw new PlatformError('broker.refused', 'the log refused user or password', { retry: 'never', cause });
    }
    throw new PlatformError('broker.unreachable', `no answer from the log at ${servers.join(', ')}`, {
      retry: 'later',
      cause,
    });
  }
}

const LOOK_AGAIN_MS = 1_000;

/**
 * Connects as `connectLog` does, and waits for a log that does not answer: says so once, and calls `onWaiting`. Fails
 * with `broker.refused`, since waiting does not mend a wrong password.
 */
export async function waitForLog(
  config: ConnectionConfig,
  name: string,
  inboxPrefix: string,
  onWaiting: () => unknown,
): Promise<NatsConnection> {
  for (let looks = 0; ; looks++) {
    try {
      return await connectLog(config, name, inboxPrefix);
    } catch (error) {
      if (!(error instanceof PlatformError) || error.code !== 'broker.unreachable') throw error;
      if (looks === 0) {
        process.stderr.write(`turnstream: ${error.message}, waiting for it (${error.code})\n`);
        await onWaiting();
      }
      await delay(LOOK_AGAIN_MS);
    }
  }
}

/** A client encrypts where the server asks for it. Where the address says `tls:`, it does so or does not connect at all. */
export const encryption = (servers: readonly string[]): { tls?: object } =>
  servers.some((server) => server.startsWith('tls:')) ? { tls: {} } : {};

/** Whether the connection stands right now. */
export function connectionState(nc: NatsConnection): () => boolean {
  let connected = true;
  void (async () => {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect' || type === 'close') connected = false;
      if (type === 'reconnect') connected = true;
    }
  })();
  return () => connected;
}

/** Runs once when the process is asked to stop; the process exits when it is done. */
export function onStop(stop: () => Promise<void>): void {
  let stopping = false;
  const begin = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : 'could not stop'}\n`);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', begin);
  process.once('SIGINT', begin);
}

/** Runs a process: a fault that it cannot start with is one line and exit code 1, or 2 for a wrong configuration. */
export function main(run: () => Promise<void>): void {
  run().catch((error: unknown) => {
    const known = error instanceof PlatformError;
    process.stderr.write(`turnstream: ${known ? `${error.message} (${error.code})` : String(error)}\n`);
    process.exit(known && error.code === 'config.invalid' ? 2 : 1);
  });
}
