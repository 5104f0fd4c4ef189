import { parseArgs } from 'node:util';
import { FunctionConfig, loadConfig } from '../shared/config/config.ts';
import { PlatformError } from '../shared/errors/index.ts';
import { verifyStreams } from '../shared/log/provision.ts';
import { FAILPOINTS, onFailpoint } from '../shared/runtime/failpoint.ts';
import { unwatched } from '../shared/runtime/host.ts';
import { hostGroups } from './host.ts';
import { groupsOf } from './index.ts';
import { connectionState, connectLog, main, onStop } from './process.ts';

/** Hosts one group of functions on its durable consumer: `node functions/main.ts --group turn`, or `--group intent`. */
main(async () => {
  const { values } = parseArgs({ options: { group: { type: 'string', default: 'turn' } } });
  const group = [...groupsOf('chained'), ...groupsOf('hop-by-hop')].find((g) => g.name === values.group);
  if (!group) throw new PlatformError('config.invalid', `there is no group ${values.group}`, { retry: 'never' });
  const config = loadConfig(FunctionConfig, process.env);
  const { TURNSTREAM_FAILPOINT: armed } = config;
  if (armed !== undefined) armFailpoint(armed);

  const nc = await connectLog(config, group.name);
  await verifyStreams(nc);
  const connected = connectionState(nc);
  const running = await hostGroups({
    nc,
    groups: [group],
    telemetry: unwatched,
    concurrency: config.TURNSTREAM_CONCURRENCY,
    sessionCache: config.TURNSTREAM_SESSION_CACHE,
  });
  void connected;
  process.stdout.write(`${JSON.stringify({ msg: 'ready', group: group.name, pid: process.pid })}\n`);
  onStop(async () => {
    await running.stop();
    await nc.drain();
  });
});

/** The process kills itself the first time it comes to the place: nothing is flushed, nobody is told. */
function armFailpoint(name: string): void {
  if (!FAILPOINTS.some((f) => f === name)) {
    throw new PlatformError('config.invalid', `there is no failpoint ${name}`, { retry: 'never' });
  }
  onFailpoint((reached) => {
    if (reached === name) process.kill(process.pid, 'SIGKILL');
  });
}
