import type { NatsConnection } from '@nats-io/nats-core';
import { breakers } from '../../shared/egress/breaker.ts';
import { egress } from '../../shared/egress/post.ts';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import type { Cipher } from '../../shared/log/wire.ts';
import type { Running } from '../../shared/runtime/pull.ts';
import type { Watching } from '../../shared/telemetry/start.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import { addressing, endpointsOf, withAddress } from './endpoints.ts';
import { deliverHost } from './host.ts';
import { SPOKEN, verifyDeliveries } from './provision.ts';
import { SCHEDULE } from './schedule.ts';
import { webhooks } from './webhook.ts';

export interface Delivering {
  readonly nc: NatsConnection;
  readonly tenants: Tenants;
  /** Reads a variable that a tenant's configuration names. */
  readonly secret: (variable: string) => string | undefined;
  readonly watching: Watching;
  readonly cipher?: Cipher | undefined;
  /** Posts to one endpoint at a time. */
  readonly concurrency: number;
}

/**
 * Pushes replies to the addresses of tenants; undefined where no tenant has one. Fails with `tenants.invalid`,
 * `tenants.secret-missing` or `deliver.not-provisioned` (never).
 */
export async function startDelivering(options: Delivering): Promise<Running | undefined> {
  const { nc, tenants, secret, watching, cipher, concurrency } = options;
  const [channels, desks] = [endpointsOf(tenants, secret), endpointsOf(tenants, secret, 'deskWebhook')];
  if (channels.size + desks.size === 0) return undefined;
  await verifyDeliveries(nc, withAddress(tenants));
  watching.watchConsumers(nc, [SPOKEN]);
  const now = () => new Date();
  const out = egress();
  const guard = breakers();
  watching.watchBreakers('webhook', guard.open);
  const running = await deliverHost({
    nc,
    ...(cipher && { cipher }),
    concurrency,
    endpointOf: addressing(channels, desks),
    post: webhooks({ post: out.post, guard, now }),
    schedule: SCHEDULE,
    chance: Math.random,
    now,
    telemetry: watching.telemetry,
    deadLetters: watching.deadLetters(deadLetters(nc)),
  });
  return {
    async stop() {
      await running.stop();
      out.close();
    },
  };
}
