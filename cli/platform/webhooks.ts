import type { NatsConnection } from '@nats-io/nats-core';
import { withAddress } from '../../functions/deliver/endpoints.ts';
import { provisionDeliveries } from '../../functions/deliver/provision.ts';
import { deliverRole } from '../../functions/deliver/role.ts';
import { startDelivering } from '../../functions/deliver/start.ts';
import type { Watching } from '../../shared/telemetry/start.ts';
import type { Tenant, Tenants } from '../../shared/tenancy/tenants.ts';
import type { Cell, Later } from './cell.ts';

const SECRET = 'TURNSTREAM_WEBHOOK_SECRET';
const CONCURRENCY = 16;

/** Where replies, and what a desk is told, are posted to. */
export type Webhooks = Pick<Tenant, 'webhook' | 'deskWebhook'>;

/**
 * The addresses that the environment names, for trying one out: none by default. Whoever starts a platform on their own
 * machine may name a server on it.
 */
export function webhooksIn(env: NodeJS.ProcessEnv): Webhooks {
  const { TURNSTREAM_WEBHOOK_URL: channel, TURNSTREAM_DESK_WEBHOOK_URL: desk } = env;
  const at = (url: string) => ({ url, secretFrom: SECRET, allowPrivate: true });
  return { ...(channel && { webhook: at(channel) }), ...(desk && { deskWebhook: at(desk) }) };
}

/** Pushes replies where a tenant has an address for them. `operator`: a connection that may provision. */
export async function startWebhooks(
  cell: Cell,
  operator: NatsConnection,
  {
    tenants,
    watching,
    env,
  }: { readonly tenants: Tenants; readonly watching: Watching; readonly env: NodeJS.ProcessEnv },
  later: Later,
): Promise<void> {
  // Also where there is none any more: nobody would take what waits for it.
  await provisionDeliveries(operator, withAddress(tenants));
  const { nc, keys: cipher } = await cell.connectAs(deliverRole);
  const secret = (variable: string) => env[variable];
  const running = await startDelivering({ nc, tenants, secret, watching, cipher, concurrency: CONCURRENCY });
  if (running) later(() => running.stop());
}
