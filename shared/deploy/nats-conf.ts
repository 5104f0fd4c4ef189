import type { Role } from '../access/roles.ts';
import { renderUser } from '../broker/config.ts';
import { PORTS } from './names.ts';

/** Where the server finds what. */
export const SERVER_PATHS = { data: '/data', run: '/run/nats', config: '/etc/nats', tls: '/etc/nats-tls' } as const;

/** How many servers keep the log, and the name by which each finds the others. */
export const SERVERS = 3;
export const HEADLESS = 'nats-headless';

const TLS = {
  cert_file: `${SERVER_PATHS.tls}/tls.crt`,
  key_file: `${SERVER_PATHS.tls}/tls.key`,
  ca_file: `${SERVER_PATHS.tls}/ca.crt`,
  timeout: 5,
};

/** The variable of the server's process that holds a user's password. */
export const passwordVariable = (user: string): string => `NATS_PASSWORD_${user.toUpperCase().replaceAll('-', '_')}`;

/** The server's configuration: what is the same in every cluster. The format takes JSON; variables stand unquoted. */
export const serverConf = (): string =>
  written({
    server_name: '$POD_NAME',
    port: PORTS.log,
    http_port: PORTS.monitor,
    pid_file: `${SERVER_PATHS.run}/nats.pid`,
    // Clients are sent to the other servers one after the other before this one goes.
    lame_duck_grace_period: '5s',
    lame_duck_duration: '30s',
    tls: TLS,
    // What is acknowledged is on the disk: a power cut loses nothing. Of its volume it takes three quarters by itself.
    jetstream: { store_dir: SERVER_PATHS.data, sync_interval: 'always' },
  }) + 'include "users.conf"\ninclude "cluster.conf"\n';

/** Who may connect, and to what: the roles, with passwords from the environment. */
export const usersConf = (roles: readonly Role[]): string =>
  written({
    authorization: {
      users: roles.map((role) => renderUser({ ...role, password: `$${passwordVariable(role.user)}` })),
    },
  });

/** The servers find one another, and let in nobody without a certificate of the same authority. */
export const clusterConf = (servers: number): string =>
  written({
    cluster: {
      name: 'turnstream',
      port: PORTS.routes,
      routes: Array.from({ length: servers }, (_, i) => `nats://nats-${i}.${HEADLESS}:${PORTS.routes}`),
      tls: { ...TLS, verify: true },
    },
  });

/** One server has no one to find. */
export const ALONE_CONF = '# One server: no routes.\n';

/** A name in the server's own subjects begins with a dollar sign too; only ours are variables. */
const VARIABLE = /"(\$(?:POD_NAME|NATS_PASSWORD_[A-Z_]+))"/gu;

const written = (part: Readonly<Record<string, unknown>>): string =>
  Object.entries(part)
    .map(([key, value]) => `${key}: ${JSON.stringify(value, undefined, 2).replaceAll(VARIABLE, '$1')}\n`)
    .join('');
