import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import type { ObjectsConfig } from '../shared/archive/config.ts';
import { encryption } from '../functions/process.ts';
import { keyring, type Keyring } from '../shared/crypto/keyring.ts';
import { readTenantKeys } from '../shared/crypto/tenant-keys.ts';
import { PlatformError } from '../shared/errors/index.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import type { Log } from '../shared/log/log.ts';
import { placesOf, type GivenPlaces } from './config.ts';

const TIMEOUT_MS = 3_000;

/** The log as an operator sees it. */
export interface Operator {
  readonly nc: NatsConnection;
  readonly log: Log;
  /** Absent where events are stored as they are, or nobody has said where the tenants' keys are. */
  readonly cipher?: Keyring;
  readonly objects: ObjectsConfig;
}

/**
 * Runs an operator's command on a connection of its own. Unlike a function's process it does not wait for a server
 * that is away: whoever called it is looking at the terminal.
 */
export async function withLog<T>(given: GivenPlaces, run: (operator: Operator) => Promise<T>): Promise<T> {
  const { nats, user, password, tenantKeys, objects } = await placesOf(given);
  const servers = nats.split(',');
  const nc = await connect({
    servers,
    name: 'turnstream-cli',
    timeout: TIMEOUT_MS,
    maxReconnectAttempts: 5,
    reconnectTimeWait: 200,
    ...(user !== undefined && { user, pass: password ?? '' }),
    ...encryption(servers),
  }).catch((cause: unknown) => {
    throw refusal(nats, cause);
  });
  try {
    const cipher = tenantKeys === undefined ? undefined : keyring(nc, await readTenantKeys(tenantKeys));
    const log = jetstreamLog(nc, cipher ? { cipher } : {});
    return await run({ nc, log, objects, ...(cipher && { cipher }) });
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
