import { parseArgs } from 'node:util';
import { botStore } from '../../shared/bot/store.ts';
import { ConnectionConfig, loadConfig } from '../../shared/config/config.ts';
import { serve } from '../../shared/http/serve.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import { unwatched } from '../../shared/runtime/host.ts';
import { httpHost } from '../../shared/runtime/http.ts';
import { sessionCache } from '../../shared/runtime/recall.ts';
import { armFailpoint } from '../arm-failpoint.ts';
import { groupsOf } from '../index.ts';
import { allPorts } from '../ports.ts';
import { connectLog, main } from '../process.ts';

// The chained group behind HTTP, as a platform that calls functions has it.
main(async () => {
  const { values } = parseArgs({ options: { failpoint: { type: 'string' } } });
  if (values.failpoint) armFailpoint(values.failpoint);
  const nc = await connectLog(loadConfig(ConnectionConfig, process.env), 'turn', '_INBOX');
  const log = jetstreamLog(nc);
  const bots = botStore(nc);
  const [group] = groupsOf('chained');
  if (!group) throw new Error('there is no chained group');
  const host = {
    log,
    tail: tailOf(log),
    sessions: sessionCache(1_000),
    bots,
    now: () => new Date(),
    ports: allPorts(nc, bots),
    telemetry: unwatched,
  };
  const stopping = new AbortController().signal;
  const app = httpHost(group, host, { concurrency: 64, stopping, isReady: () => true });
  const { url } = await serve(app, { port: 0, hostname: '127.0.0.1' });
  process.stdout.write(`ready ${url}\n`);
});
