import { FunctionConfig, loadConfig } from '../shared/config/config.ts';
import { PlatformError } from '../shared/errors/index.ts';
import { inboxOf } from '../shared/access/roles.ts';
import { verifyStreams } from '../shared/log/provision.ts';
import type { Group } from '../shared/runtime/chain.ts';
import { FAILPOINTS, onFailpoint } from '../shared/runtime/failpoint.ts';
import { unwatched } from '../shared/runtime/host.ts';
import { hostGroups, type PortsOf } from './host.ts';
import { connectLog, main, onStop } from './process.ts';

/** A process that hosts one group of functions on its durable consumer, configured by the environment. */
export function runGroupProcess(group: Group, portsOf: PortsOf): void {
  main(async () => {
    const config = loadConfig(FunctionConfig, process.env);
    if (config.TURNSTREAM_FAILPOINT !== undefined) armFailpoint(config.TURNSTREAM_FAILPOINT);
    const nc = await connectLog(config, group.name, inboxOf(group.name));
    await verifyStreams(nc);
    const running = await hostGroups({
      nc,
      groups: [group],
      portsOf,
      telemetry: unwatched,
      concurrency: config.TURNSTREAM_CONCURRENCY,
      sessionCache: config.TURNSTREAM_SESSION_CACHE,
    });
    process.stdout.write(`${JSON.stringify({ msg: 'ready', group: group.name, pid: process.pid })}\n`);
    onStop(async () => {
      await running.stop();
      await nc.drain();
    });
  });
}

/** The process kills itself the first time it comes to the place: nothing is flushed, nobody is told. */
function armFailpoint(name: string): void {
  if (!FAILPOINTS.some((f) => f === name)) {
    throw new PlatformError('config.invalid', `there is no failpoint ${name}`, { retry: 'never' });
  }
  onFailpoint((reached) => {
    if (reached === name) process.kill(process.pid, 'SIGKILL');
  });
}
