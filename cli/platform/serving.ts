import { page } from '../../console/serve.ts';
import { startGateway } from '../../functions/gateway/start.ts';
import { connectionState } from '../../functions/process.ts';
import { gatewayRole } from '../../shared/access/roles.ts';
import type { ObjectStore } from '../../shared/archive/objects.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import type { ServeOptions } from '../../shared/http/listen.ts';
import { serveOps } from '../../shared/http/ops.ts';
import type { Watching } from '../../shared/telemetry/start.ts';
import type { PlatformOptions } from './options.ts';
import type { Cell, Later } from './cell.ts';
import { speechIn } from './speech.ts';
import type { tenantsWith } from './tenants.ts';

type Tenants = ReturnType<typeof tenantsWith>;

/** Only this machine is let in: keys are optional here. */
const HOST = '127.0.0.1';

/** What is served, and of what. */
export interface Serving {
  readonly objects: ObjectStore;
  readonly bots: ReadonlyMap<string, Bot>;
  readonly tenants: Tenants;
  readonly watching: Watching;
  /** Takes calls. */
  readonly upgrade: ServeOptions['upgrade'];
}

/** Serves the API and the page; health and metrics on a port of their own. */
export async function startServing(
  cell: Cell,
  { objects, bots, tenants, watching, upgrade }: Serving,
  { port, opsPort, env }: PlatformOptions,
  later: Later,
): Promise<{ readonly url: string; readonly opsUrl: string }> {
  const { nc, keys } = await cell.connectAs(gatewayRole);
  const { sessionKey } = cell.secrets;
  const given = { nc, bots, watching, keys, objects, tenants, sessionKey, ...(upgrade && { upgrade }) };
  const gateway = await startGateway({ ...given, openDemo: true, host: HOST, port, page, speech: speechIn(env) });
  later(() => gateway.stop());
  const operators = { ready: connectionState(nc), metrics: () => watching.metricsText() };
  const opsServer = await serveOps(operators, { hostname: HOST, port: opsPort });
  later(() => opsServer.close());
  return { url: gateway.url, opsUrl: opsServer.url };
}
