import { GroupConfig } from '../shared/config/config.ts';
import { loadVariables } from '../shared/config/secret-files.ts';
import type { Group } from '../shared/runtime/chain.ts';
import { durableOf } from '../shared/runtime/pull.ts';
import { hostGroups, type PortsOf } from './host.ts';
import { runProcess } from './run-process.ts';

/**
 * A process that hosts one group of functions, configured by the environment: on its durable consumer, or behind HTTP
 * for a relay or a platform that calls it.
 */
export function runGroupProcess(group: Group, portsOf: PortsOf): void {
  runProcess(group.name, GroupConfig, async ({ config, nc, isConnected, watching, keys }) => {
    const { TURNSTREAM_TENANTS: file, TURNSTREAM_TENANT_SECRETS: secrets } = config;
    if (secrets !== undefined) loadVariables(secrets);
    const hosted = {
      nc,
      portsOf,
      // Most functions are not told, and start without the parser.
      ...(file !== undefined && { tenants: await (await import('./tenants-file.ts')).tenantsIn(file) }),
      watching,
      ...(keys && { cipher: keys }),
      concurrency: config.TURNSTREAM_CONCURRENCY,
      sessionCache: config.TURNSTREAM_SESSION_CACHE,
    };
    if (config.TURNSTREAM_HOST_MODE === 'pull') {
      watching.watchConsumers(nc, [durableOf(group)]);
      return hostGroups({ ...hosted, groups: [group] });
    }
    // Only where it is asked for: a web server takes a while to load.
    const { serveGroup } = await import('./serve-group.ts');
    const { TURNSTREAM_HOST: hostname, TURNSTREAM_PORT: port, TURNSTREAM_LINGER_MS: lingerMs } = config;
    return serveGroup({ ...hosted, group, hostname, port, lingerMs, isConnected });
  });
}
