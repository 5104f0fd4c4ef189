import { readTenants } from '../../shared/tenancy/tenants.ts';
import { keyHash } from '../secrets.ts';

/** The tenants of a platform for trying things out. Requests without a key belong to the first. */
export const TENANTS = ['demo', 'acme', 'globex'] as const;
const BOT = 'shop-helpdesk';

/** The same tenants as the gateway and the archive know them, each with its API key. */
export const tenantsWith = (apiKeys: Readonly<Record<string, string>>): ReturnType<typeof readTenants> =>
  readTenants({
    tenants: Object.fromEntries(TENANTS.map((id) => [id, { bot: BOT, keys: [keyHash(apiKeys[id] ?? '')] }])),
  });
