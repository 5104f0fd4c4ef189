import { randomBytes } from 'node:crypto';
import type { NatsConnection } from '@nats-io/nats-core';
import { durablesOf, groupsOf, type Hosting } from '../../functions/index.ts';
import {
  archiveRole,
  brokerUser,
  gatewayRole,
  groupRole,
  inboxOf,
  operatorRole,
  relayRole,
  timerRole,
  type Role,
} from '../../shared/access/roles.ts';
import { provision } from '../../shared/log/provision.ts';
import { provisionTicks } from '../../shared/log/timers.ts';
import { startBroker, startCluster } from '../../shared/testing/broker.ts';

export type Sync = 'default' | 'always';
export type Replicas = 1 | 3;

/** What a power cut would lose. */
export const durabilityOf = (replicas: Replicas, sync: Sync): string =>
  `R${replicas}, sync ${sync === 'always' ? 'always' : 'default (every two minutes)'}`;

/** One server, or three that form a cluster, with the streams and durable consumers of a hosting. */
export interface Store {
  readonly nc: NatsConnection;
  readonly pids: () => readonly number[];
  /** What a process of this role has to be told to connect. */
  env(role: Role): Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts what holds the log. One server has a user for each process, as shipped; a cluster here has none. */
export async function startStore(replicas: Replicas, sync: Sync, hosting: Hosting): Promise<Store> {
  const groups = groupsOf(hosting);
  const store =
    replicas === 1
      ? await single(sync, [gatewayRole, relayRole(groups), timerRole, archiveRole, ...groups.map(groupRole)])
      : await cluster(sync);
  await provision(store.nc, { replicas, durables: durablesOf(groups) });
  await provisionTicks(store.nc);
  return store;
}

async function single(sync: Sync, roles: readonly Role[]): Promise<Store> {
  const all = [operatorRole, ...roles].map((role) => brokerUser(role, randomBytes(24).toString('base64url')));
  const broker = await startBroker({ sync, users: all });
  const passwordOf = (user: string) => all.find((u) => u.user === user)?.password ?? '';
  const { user } = operatorRole;
  const nc = await broker.nc({ user, pass: passwordOf(user), inboxPrefix: inboxOf(user) });
  return {
    nc,
    pids: () => [broker.pid()],
    env: (role) => ({
      TURNSTREAM_NATS_URL: broker.url,
      TURNSTREAM_NATS_USER: role.user,
      TURNSTREAM_NATS_PASSWORD: passwordOf(role.user),
    }),
    stop: () => broker.stop(),
  };
}

async function cluster(sync: Sync): Promise<Store> {
  const servers = await startCluster(3, { sync });
  return {
    nc: await servers.nc(),
    pids: () => [0, 1, 2].map((i) => servers.server(i).pid()),
    env: () => ({ TURNSTREAM_NATS_URL: servers.url }),
    stop: () => servers.stop(),
  };
}
