import { PlatformError } from '../../shared/errors/index.ts';
import { runProcess } from '../run-process.ts';
import { tenantsIn } from '../tenants-file.ts';
import { DeliverConfig } from './config.ts';
import { deliver } from './handler.ts';
import { startDelivering } from './start.ts';

// Pushes replies to the addresses that the tenants' file names. Not needed where it names none.
runProcess(deliver.name, DeliverConfig, async ({ config, nc, watching, keys }) => {
  const running = await startDelivering({
    nc,
    tenants: await tenantsIn(config.TURNSTREAM_TENANTS),
    secret: (variable) => process.env[variable],
    watching,
    cipher: keys,
    concurrency: config.TURNSTREAM_CONCURRENCY,
  });
  if (!running) throw new PlatformError('config.invalid', 'no tenant has a webhook', { retry: 'never' });
  return running;
});
