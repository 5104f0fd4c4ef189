import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupsOf, type Hosting } from '../../functions/index.ts';
import { gatewayRole, groupRole } from '../../shared/access/roles.ts';
import { loadBots } from '../../shared/bot/load.ts';
import { publishBot } from '../../shared/bot/store.ts';
import { ensureTenantKeys } from '../../shared/crypto/tenant-keys.ts';
import { hashOfKey, newApiKey } from '../../shared/tenancy/api-key.ts';
import type { EntryOf } from './build.ts';
import { startChild, type Child } from './children.ts';
import { startCollector } from './collector.ts';
import { startStore, type Replicas, type Store, type Sync } from './broker.ts';

const TENANTS = Array.from({ length: 8 }, (_, i) => `tenant-${i}`);
const BOT = 'shop-helpdesk';
const BOTS = 'bots';

/** How a deployment is to be made. */
export interface DeploymentOptions {
  readonly hosting: Hosting;
  readonly replicas: Replicas;
  readonly sync: Sync;
  readonly entryOf: EntryOf;
  /** Whether events are stored encrypted. */
  readonly encrypted: boolean;
  readonly gateways: number;
}

/** A deployment as in production, all of it on this machine: a process for each gateway and each group of functions. */
export interface Deployment {
  readonly store: Store;
  readonly gateways: readonly (Child & { readonly port: number })[];
  readonly functions: readonly Child[];
  /** API keys of its tenants. */
  readonly keys: readonly string[];
}

/** Starts a deployment. `atEnd` is given what stops each part, in the order in which they were started. */
export async function deploy(
  options: DeploymentOptions,
  atEnd: (end: () => Promise<unknown>) => void,
): Promise<Deployment> {
  const { hosting, replicas, sync, entryOf } = options;
  const dir = await mkdtemp(join(tmpdir(), 'turnstream-bench-'));
  atEnd(() => rm(dir, { recursive: true, force: true }));
  const store = await startStore(replicas, sync, hosting);
  atEnd(() => store.stop());
  for (const bot of (await loadBots(BOTS)).values()) await publishBot(store.nc, bot);
  const collector = await startCollector();
  atEnd(() => collector.kill());

  const keys = TENANTS.map(newApiKey);
  const tenants = TENANTS.map((id, i) => [id, { bot: BOT, keys: [hashOfKey(keys[i] ?? '')] }] as const);
  const tenantsFile = join(dir, 'tenants.json');
  await writeFile(tenantsFile, JSON.stringify({ tenants: Object.fromEntries(tenants) }));
  const keysFile = join(dir, 'tenant-keys.json');
  await ensureTenantKeys(keysFile, TENANTS);

  const common = {
    TURNSTREAM_OPS_HOST: '127.0.0.1',
    TURNSTREAM_OPS_PORT: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    ...(options.encrypted && { TURNSTREAM_TENANT_KEYS: keysFile }),
  };
  const start = async (name: string, args: readonly string[], env: Readonly<Record<string, string>>) => {
    const child = await startChild({ name, args, env: { ...common, ...env }, isReady });
    atEnd(() => child.stop());
    return child;
  };
  const functions: Child[] = [];
  for (const group of groupsOf(hosting)) {
    const args = group.name === 'turn' ? [entryOf('turn'), '--group', 'turn'] : [entryOf(group.name)];
    functions.push(await start(group.name, args, store.env(groupRole(group))));
  }
  const sessionKey = randomBytes(24).toString('base64url');
  const gateways = [];
  for (let i = 0; i < options.gateways; i++) {
    const gateway = await start(`gateway ${i + 1}`, [entryOf('gateway')], {
      ...store.env(gatewayRole),
      TURNSTREAM_HOST: '127.0.0.1',
      TURNSTREAM_PORT: '0',
      TURNSTREAM_TENANTS: tenantsFile,
      TURNSTREAM_BOTS: BOTS,
      TURNSTREAM_SESSION_KEY: sessionKey,
    });
    gateways.push({ ...gateway, port: portIn(gateway.ready) });
  }
  return { store, gateways, functions, keys };
}

const isReady = (line: string) => line.startsWith('{') && line.includes('"msg":"ready"');

const portIn = (ready: string): number => Number(new URL((JSON.parse(ready) as { readonly url: string }).url).port);
