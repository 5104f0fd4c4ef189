import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { page } from '../console/serve.ts';
import type { EventId } from '../events/envelope.ts';
import { archiveOf } from '../functions/archive/archive.ts';
import { archiveHost } from '../functions/archive/host.ts';
import { retentionOf } from '../functions/archive/retention.ts';
import { startGateway } from '../functions/gateway/start.ts';
import { hostGroups } from '../functions/host.ts';
import { durablesOf, groupsOf, type Hosting } from '../functions/index.ts';
import { allPorts } from '../functions/ports.ts';
import { connectionState, connectLog } from '../functions/process.ts';
import {
  archiveRole,
  brokerUser,
  gatewayRole,
  groupRole,
  inboxOf,
  operatorRole,
  timerRole,
  type Role,
} from '../shared/access/roles.ts';
import { folderStore } from '../shared/archive/folder.ts';
import { loadBots } from '../shared/bot/load.ts';
import { publishBot } from '../shared/bot/store.ts';
import { findServer } from '../shared/broker/find.ts';
import { startServer } from '../shared/broker/start.ts';
import { keyring } from '../shared/crypto/keyring.ts';
import { ensureTenantKeys } from '../shared/crypto/tenant-keys.ts';
import { ops } from '../shared/http/ops.ts';
import { serve } from '../shared/http/serve.ts';
import { tailOf } from '../shared/log/append.ts';
import { jetstreamLog } from '../shared/log/jetstream.ts';
import { provision } from '../shared/log/provision.ts';
import { provisionTicks, tickHost } from '../shared/log/timers.ts';
import { derivedId } from '../shared/runtime/ids.ts';
import { durableOf } from '../shared/runtime/pull.ts';
import { startTelemetry } from '../shared/telemetry/start.ts';
import { telemetryConfig, type TelemetryEnvironment } from '../shared/telemetry/config.ts';
import { readTenants } from '../shared/tenancy/tenants.ts';
import { platformFileIn, type PlatformFile } from './config.ts';
import { keyHash, secretsIn } from './secrets.ts';

/** The tenants of a platform for trying things out. Requests without a key belong to the first. */
export const TENANTS = ['demo', 'acme', 'globex'] as const;
const BOT = 'shop-helpdesk';
const CONCURRENCY = 64;
const REMEMBERED_SESSIONS = 10_000;
const ARCHIVE_EVERY_MS = 60_000;

export interface PlatformOptions {
  /** Where everything is kept: the log, keys and passwords. */
  readonly dir: string;
  readonly port: number;
  readonly opsPort: number;
  readonly hosting: Hosting;
  /** `always` survives a power cut, and is slower. */
  readonly sync: 'always' | 'default';
  readonly env: NodeJS.ProcessEnv;
  readonly telemetry: TelemetryEnvironment;
  readonly onProgress: (text: string) => void;
}

/** A whole platform in one process, with its nats-server beside it. */
export interface Platform {
  readonly url: string;
  readonly opsUrl: string;
  readonly natsUrl: string;
  /** API keys of the tenants. */
  readonly apiKeys: Readonly<Record<string, string>>;
  /** Stops everything, in an order in which nothing is lost. */
  stop(): Promise<void>;
}

/** Only this machine is let in: keys are optional here. */
const HOST = '127.0.0.1';
const BOTS = fileURLToPath(new URL('../bots', import.meta.url));

/** Starts a platform, or goes on with the one that the folder holds. What was started is stopped when a part fails. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of started.splice(0).reverse()) await each();
  };
  try {
    return { ...(await start(options, (stopOne) => void started.push(stopOne))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: PlatformOptions,
  later: (stop: () => Promise<void>) => void,
): Promise<Omit<Platform, 'stop'>> {
  const { dir, hosting, onProgress } = options;
  const now = () => new Date();
  const groups = groupsOf(hosting);
  const roles = [gatewayRole, operatorRole, timerRole, archiveRole, ...groups.map(groupRole)];
  const names = roles.map(({ user }) => user);
  const secrets = await secretsIn(dir, names, TENANTS);
  const bots = await loadBots(BOTS);

  const { path: binary } = await findServer({
    env: options.env,
    server: options.env['TURNSTREAM_NATS_SERVER'],
    onProgress,
  });
  const users = roles.map((role) => brokerUser(role, secrets.passwords[role.user] ?? ''));
  const broker = await startServer({ binary, dir: join(dir, 'log'), port: 0, sync: options.sync, users });
  later(() => broker.stop());

  const connectAs = async (role: Role) => {
    const nc = await connectLog(
      {
        TURNSTREAM_NATS_URL: broker.url,
        TURNSTREAM_NATS_USER: role.user,
        TURNSTREAM_NATS_PASSWORD: secrets.passwords[role.user] ?? '',
      },
      role.user,
      inboxOf(role.user),
    );
    later(() => nc.drain());
    return nc;
  };
  const operator = await connectAs(operatorRole);
  await provision(operator, { replicas: 1, durables: durablesOf(groups) });
  await provisionTicks(operator);
  for (const bot of bots.values()) await publishBot(operator, bot);

  const watching = await startTelemetry(telemetryConfig('turnstream', options.telemetry));
  later(() => watching.stop());
  watching.watchConsumers(operator, groups.map(durableOf));
  const tenantKeys = join(dir, 'tenant-keys.json');
  const keys = await ensureTenantKeys(tenantKeys, TENANTS);

  for (const group of groups) {
    const nc = await connectAs(groupRole(group));
    const cipher = keyring(nc, keys);
    const hosted = { nc, groups: [group], portsOf: allPorts, watching, cipher };
    const running = await hostGroups({ ...hosted, concurrency: CONCURRENCY, sessionCache: REMEMBERED_SESSIONS });
    later(() => running.stop());
  }
  const timers = await connectAs(timerRole);
  const log = jetstreamLog(timers, { cipher: keyring(timers, keys) });
  const ticks = await tickHost(timers, tailOf(log), (decision: EventId) => derivedId(decision, 'timer', 0), now);
  later(() => ticks.stop());

  const tenants = readTenants({
    tenants: Object.fromEntries(TENANTS.map((id) => [id, tenant(secrets.apiKeys[id] ?? '')])),
  });
  const objects = folderStore(join(dir, 'archive'));
  const archiver = await connectAs(archiveRole);
  const archiveKeys = keyring(archiver, keys);
  const archive = archiveOf({
    nc: archiver,
    log: jetstreamLog(archiver, { cipher: archiveKeys }),
    objects,
    retention: retentionOf(tenants, { plain: [] }),
    now,
    keyring: archiveKeys,
  });
  const archiving = archiveHost(archive, {
    everyMs: ARCHIVE_EVERY_MS,
    onReport: ({ failures }) => {
      for (const { tenant, code } of failures) watching.logger.warn('a tenant was not archived', { tenant, code });
    },
    onError: (error) => {
      watching.logger.warn('could not look at the log', {}, error);
    },
  });
  later(() => archiving.stop());

  const nc = await connectAs(gatewayRole);
  const gateway = await startGateway({
    nc,
    bots,
    watching,
    keys: keyring(nc, keys),
    objects,
    tenants,
    openDemo: true,
    sessionKey: secrets.sessionKey,
    host: HOST,
    port: options.port,
    page,
  });
  later(() => gateway.stop());
  const connected = connectionState(nc);
  const operators = ops({ ready: connected, metrics: () => watching.metricsText() });
  const opsServer = await serve(operators, { hostname: HOST, port: options.opsPort });
  later(() => opsServer.close());

  const file: PlatformFile = {
    natsUrl: broker.url,
    url: gateway.url,
    user: operatorRole.user,
    password: secrets.passwords[operatorRole.user] ?? '',
    tenantKeys,
  };
  await writeFile(platformFileIn(dir), `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
  later(() => rm(platformFileIn(dir), { force: true }));
  return { url: gateway.url, opsUrl: opsServer.url, natsUrl: broker.url, apiKeys: secrets.apiKeys };
}

const tenant = (key: string) => ({ bot: BOT, keys: [keyHash(key)] });
