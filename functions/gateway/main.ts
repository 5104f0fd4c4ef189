import { namesObjects, objectsOf } from '../../shared/archive/config.ts';
import { page } from '../../console/serve.ts';
import { gatewayRole } from '../../shared/access/roles.ts';
import { loadBots } from '../../shared/bot/load.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { newVersions, watchBots } from '../../shared/bot/watch.ts';
import { runProcess } from '../run-process.ts';
import { tenantsIn } from '../tenants-file.ts';
import { GatewayProcessConfig } from './config.ts';
import { startGateway } from './start.ts';

// The HTTP API as a process of its own, configured by the environment.
runProcess(gatewayRole.user, GatewayProcessConfig, async ({ config, nc, watching, keys }) => {
  const tenants = await tenantsIn(config.TURNSTREAM_TENANTS);
  const bots = new Map(await loadBots(config.TURNSTREAM_BOTS));
  for (const bot of bots.values()) await publishBot(nc, bot);
  const running = await startGateway({
    nc,
    bots,
    watching,
    tenants,
    openDemo: config.TURNSTREAM_OPEN_DEMO,
    sessionKey: config.TURNSTREAM_SESSION_KEY,
    host: config.TURNSTREAM_HOST,
    port: config.TURNSTREAM_PORT,
    speech: { engines: config.TURNSTREAM_ASR_ENGINES, key: config.TURNSTREAM_ASR_KEY },
    // Agents work here; the page to try a bot with is for one's own machine.
    page: (path) => (path === '/' ? undefined : page(path)),
    ...(keys && { keys }),
    ...(namesObjects(config) && { objects: objectsOf(config) }),
  });
  const fresh = watchBots({
    dir: config.TURNSTREAM_BOTS,
    bots,
    publish: (bot) => publishBot(nc, bot),
    ...newVersions(watching.logger),
  });
  const stop = async () => {
    await fresh.stop();
    await running.stop();
  };
  return { stop, ready: { url: running.url } };
});
