import { namesObjects, objectsOf } from '../../shared/archive/config.ts';
import { voiceRole } from '../../shared/access/roles.ts';
import { loadBots } from '../../shared/bot/load.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { runProcess } from '../run-process.ts';
import { tenantsIn } from '../tenants-file.ts';
import { VoiceConfig, voiceOf } from './config.ts';
import { startVoice } from './start.ts';
import { callWatch } from './watch.ts';

// Holds the sockets of calls. Everything that is known about a call stands in the log; a socket stands here.
runProcess(voiceRole.user, VoiceConfig, async ({ config, nc, watching, keys }) => {
  const bots = await loadBots(config.TURNSTREAM_BOTS);
  for (const bot of bots.values()) await publishBot(nc, bot);
  const { TURNSTREAM_AUDIOSOCKET_PORT: audioSocketPort } = config;
  const running = await startVoice({
    nc,
    bots,
    tenants: await tenantsIn(config.TURNSTREAM_TENANTS),
    sessionKey: config.TURNSTREAM_SESSION_KEY,
    voice: voiceOf(config),
    watch: callWatch(watching),
    limits: { leaseMs: config.TURNSTREAM_CALL_LEASE_MS },
    host: config.TURNSTREAM_HOST,
    port: config.TURNSTREAM_PORT,
    ...(keys && { keys }),
    ...(namesObjects(config) && { objects: objectsOf(config) }),
    ...(audioSocketPort !== undefined && { audioSocketPort }),
  });
  const ready = {
    url: running.url,
    ...(running.audioSocketPort !== undefined && { audioSocket: String(running.audioSocketPort) }),
  };
  return { stop: () => running.stop(), ready };
});
