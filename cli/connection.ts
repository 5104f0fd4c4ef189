import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { keyring } from '../shared/crypto/keyring.ts';
import { readTenantKeys } from '../shared/crypto/tenant-keys.ts';
import { PlatformError } from '../shared/errors/index.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import type { Log } from '../shared/log/log.ts';
import type { Cipher } from '../shared/log/wire.ts';
import { placesOf, type GivenPlaces } from './config.ts';

const TIMEOUT_MS = 3_000;

/** The log as an operator sees it. */
export interface Operator {
  readonly nc: NatsConnection;
  readonly log: Log;
  /** Absent where events are stored as they are, or nobody has said where the tenants' keys are. */
  readonly cipher?: Cipher;
}

/**
 * Runs an operator's command on a connection of its own. Unlike a function's process it does not wait for a server
 * that is away: whoever called it is looking at the terminal.
 */
export async function withLog<T>(given: GivenPlaces, run: (operator: Operator) => Promise<T>): Promise<T> {
  const { nats, user, password, tenantKeys } = await placesOf(given);
  const nc = await connect({
    servers: nats.split(','),
    name: 'turnstream-cli',
    timeout: TIMEOUT_MS,
    maxReconnectAttempts: 5,
    reconnectTimeWait: 200,
    ...(user !== undefined && { user, pass: password ?? '' }),
  }).catch((cause: unknown) => {
    throw refusal(nats, cause);
  });
  try {
    const cipher = tenantKeys === undefined ? undefined : keyring(nc, await readTenantKeys(tenantKeys));
    return await run(cipher ? { nc, cipher, log: jetstreamLog(nc, { cipher }) } : { nc, log: jetstreamLog(nc) });
  } finally {
    await nc.close();
  }
}

function refusal(nats: string, cause: unknown): PlatformError {
  const name = cause instanceof Error ? cause.name : '';
  if (name === 'AuthorizationError' || name === 'UserAuthenticationExpiredError') {
    return new PlatformError('broker.refused', `nats-server at ${nats} refused the user or password`, {
      retry: 'never',
      cause,
    });
  }
  return new PlatformError('broker.unreachable', `no nats-server answers at ${nats}`, { retry: 'later', cause });
}
