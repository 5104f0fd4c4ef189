import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectLog } from '../../functions/process.ts';
import {
  archiveRole,
  asrRole,
  brokerUser,
  gatewayRole,
  groupRole,
  inboxOf,
  operatorRole,
  shadowRole,
  timerRole,
  voiceRole,
  type Role,
} from '../../shared/access/roles.ts';
import { deliverRole } from '../../functions/deliver/role.ts';
import { findServer } from '../../shared/broker/find.ts';
import { startServer } from '../../shared/broker/start.ts';
import { keyring, type Keyring } from '../../shared/crypto/keyring.ts';
import { ensureTenantKeys } from '../../shared/crypto/tenant-keys.ts';
import type { Group } from '../../shared/runtime/chain.ts';
import { SHADOWED } from '../../functions/intent/shadow.ts';
import { secretsIn, type Secrets } from '../secrets.ts';
import type { PlatformOptions } from './options.ts';
import { TENANTS } from './tenants.ts';

/** Remembers how to stop what was started; the last that was started is stopped first. */
export type Later = (stop: () => Promise<void>) => void;

/** A nats-server of the platform's own, and a way in for each part of it. */
export interface Cell {
  readonly natsUrl: string;
  readonly secrets: Secrets;
  /** Path of the file with the tenants' keys. */
  readonly tenantKeys: string;
  /** A connection that may do what the role says, and the session keys as seen through it. */
  readonly connectAs: (role: Role) => Promise<{ readonly nc: NatsConnection; readonly keys: Keyring }>;
}

/** Starts the nats-server that keeps the platform's log, with one user for each part. */
export async function startCell(
  { dir, env, sync, onProgress }: PlatformOptions,
  groups: readonly Group[],
  later: Later,
): Promise<Cell> {
  const roles = [
    ...[gatewayRole, operatorRole, timerRole, archiveRole, voiceRole, asrRole, deliverRole, shadowRole(SHADOWED)],
    ...groups.map(groupRole),
  ];
  const secrets = await secretsIn(
    dir,
    roles.map(({ user }) => user),
    TENANTS,
  );
  const passwordOf = ({ user }: Role) => secrets.passwords[user] ?? '';
  const { path: binary } = await findServer({ env, server: env['TURNSTREAM_NATS_SERVER'], onProgress });
  const users = roles.map((role) => brokerUser(role, passwordOf(role)));
  const broker = await startServer({ binary, dir: join(dir, 'log'), port: 0, sync, users });
  later(() => broker.stop());
  const tenantKeys = join(dir, 'tenant-keys.json');
  const keysOfTenants = await ensureTenantKeys(tenantKeys, TENANTS);
  return {
    natsUrl: broker.url,
    secrets,
    tenantKeys,
    async connectAs(role) {
      const config = {
        TURNSTREAM_NATS_URL: broker.url,
        TURNSTREAM_NATS_USER: role.user,
        TURNSTREAM_NATS_PASSWORD: passwordOf(role),
      };
      const nc = await connectLog(config, role.user, inboxOf(role.user));
      later(() => nc.drain());
      return { nc, keys: keyring(nc, keysOfTenants) };
    },
  };
}
