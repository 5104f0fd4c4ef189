import type { NatsConnection } from '@nats-io/nats-core';
import type { Bot } from '../../shared/bot/bot.ts';
import type { Keyring } from '../../shared/crypto/keyring.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { ops } from '../../shared/http/ops.ts';
import { serve } from '../../shared/http/serve.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import { tokensOf } from '../../shared/tenancy/tokens.ts';
import type { Watching } from '../../shared/telemetry/start.ts';
import { connectionState } from '../process.ts';
import { gateway } from './app.ts';
import type { GatewayOptions } from './options.ts';
import { unwatched } from './watch.ts';

/** What a running gateway is made of. */
export interface StartOptions extends Pick<GatewayOptions, 'openDemo' | 'sessionKey' | 'limits' | 'page'> {
  readonly nc: NatsConnection;
  readonly tenants: Tenants;
  /** By name. */
  readonly bots: ReadonlyMap<string, Bot>;
  readonly watching: Watching;
  readonly keys?: Keyring;
  readonly host: string;
  readonly port: number;
  readonly opsPort: number;
}

export interface RunningGateway {
  readonly url: string;
  readonly opsUrl: string;
  /** Readiness off, streams sent elsewhere, requests finished. */
  stop(): Promise<void>;
}

/** Serves the API on one port, and health, readiness and metrics on another. */
export async function startGateway(options: StartOptions): Promise<RunningGateway> {
  const { nc, tenants, bots, keys, watching, host } = options;
  for (const { id, bot } of tenants.values()) {
    if (bots.has(bot)) continue;
    throw new PlatformError('tenants.invalid', `tenant ${id} wants the bot ${bot}, which is not there`, {
      retry: 'never',
    });
  }
  const now = () => new Date();
  const tokens = await tokensOf(tenants, { secret: (variable) => process.env[variable], now });
  const log = jetstreamLog(nc, keys ? { cipher: keys } : {});
  const { app, close } = gateway({
    log,
    tail: tailOf(log),
    tenants,
    tokens,
    botOf: (tenant) => bots.get(tenants.get(tenant)?.bot ?? ''),
    now,
    openDemo: options.openDemo,
    sessionKey: options.sessionKey,
    watch: unwatched,
    ...(options.limits && { limits: options.limits }),
    ...(options.page && { page: options.page }),
    ...(keys && { isErased: (ref) => keys.isErased(ref) }),
  });
  const connected = connectionState(nc);
  let stopping = false;
  const api = await serve(app, { hostname: host, port: options.port });
  const operators = ops({ ready: () => connected() && !stopping, metrics: () => watching.metricsText() });
  const opsServer = await serve(operators, { hostname: host, port: options.opsPort });
  return {
    url: api.url,
    opsUrl: opsServer.url,
    async stop() {
      stopping = true;
      await close();
      await api.close();
      await opsServer.close();
    },
  };
}
