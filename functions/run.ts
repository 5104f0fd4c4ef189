import { FunctionConfig } from '../shared/config/config.ts';
import type { Group } from '../shared/runtime/chain.ts';
import { durableOf } from '../shared/runtime/pull.ts';
import { hostGroups, type PortsOf } from './host.ts';
import { runProcess } from './run-process.ts';

/** A process that hosts one group of functions on its durable consumer, configured by the environment. */
export function runGroupProcess(group: Group, portsOf: PortsOf): void {
  runProcess(group.name, FunctionConfig, async ({ config, nc, watching, keys }) => {
    watching.watchConsumers(nc, [durableOf(group)]);
    return hostGroups({
      nc,
      groups: [group],
      portsOf,
      watching,
      ...(keys && { cipher: keys }),
      concurrency: config.TURNSTREAM_CONCURRENCY,
      sessionCache: config.TURNSTREAM_SESSION_CACHE,
    });
  });
}
