import { breakers } from '../../shared/egress/breaker.ts';
import { egress } from '../../shared/egress/post.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { deadLetters } from '../../shared/log/dead-letters.ts';
import { runProcess } from '../run-process.ts';
import { tenantsIn } from '../tenants-file.ts';
import { DeliverConfig } from './config.ts';
import { addressing, endpointsOf, withAddress } from './endpoints.ts';
import { deliver } from './handler.ts';
import { deliverHost } from './host.ts';
import { SPOKEN, verifyDeliveries } from './provision.ts';
import { SCHEDULE } from './schedule.ts';
import { webhooks } from './webhook.ts';

// Pushes replies to the addresses that the tenants' file names. Not needed where it names none.
runProcess(deliver.name, DeliverConfig, async ({ config, nc, watching, keys }) => {
  const tenants = await tenantsIn(config.TURNSTREAM_TENANTS);
  const secret = (variable: string) => process.env[variable];
  const [channels, desks] = [endpointsOf(tenants, secret), endpointsOf(tenants, secret, 'deskWebhook')];
  if (channels.size + desks.size === 0) {
    throw new PlatformError('config.invalid', 'no tenant has a webhook', { retry: 'never' });
  }
  await verifyDeliveries(nc, withAddress(tenants));
  watching.watchConsumers(nc, [SPOKEN]);
  const now = () => new Date();
  const out = egress();
  const running = await deliverHost({
    nc,
    ...(keys && { cipher: keys }),
    concurrency: config.TURNSTREAM_CONCURRENCY,
    endpointOf: addressing(channels, desks),
    post: webhooks({ post: out.post, guard: breakers(), now }),
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
});
