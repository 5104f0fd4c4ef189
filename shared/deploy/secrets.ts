import { SECRETS } from './names.ts';
import type { Manifest } from './objects.ts';
import type { Role } from '../access/roles.ts';

/** Makes a new secret of so many random bytes, in characters that are safe everywhere, beginning with a letter. */
export type Fresh = (bytes: number) => string;

/**
 * The secrets of one installation, with fresh passwords and with places for what only its operators have. To be
 * encrypted before it touches a disk. A password begins with a letter, since the log's server takes a variable of
 * digits for a number.
 */
export function freshSecrets(namespace: string, roles: readonly Role[], fresh: Fresh): readonly Manifest[] {
  const secret = (name: string, stringData: Readonly<Record<string, string>>): Manifest => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace } as Manifest['metadata'],
    stringData,
  });
  return [
    secret(SECRETS.users, Object.fromEntries(roles.map(({ user }) => [user, fresh(24)]))),
    secret(SECRETS.gateway, { 'session-key': fresh(32) }),
    secret(SECRETS.tenants, { 'tenants.yml': 'tenants: {}\n' }),
    secret(SECRETS.tenantKeys, { 'tenant-keys.json': '{}\n' }),
    secret(SECRETS.archive, { 'access-key': '', 'secret-key': '' }),
    secret(SECRETS.tenantSecrets, {}),
    secret(SECRETS.tls, { 'ca.crt': '', 'tls.crt': '', 'tls.key': '' }),
  ];
}
