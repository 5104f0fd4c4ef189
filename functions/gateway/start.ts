import type { NatsConnection } from '@nats-io/nats-core';
import type { ObjectStore } from '../../shared/archive/objects.ts';
import { returning } from '../../shared/archive/departures.ts';
import type { Bot } from '../../shared/bot/bot.ts';
import { deskBook } from '../../shared/desk/book.ts';
import type { Keyring } from '../../shared/crypto/keyring.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { serve, type ServeOptions } from '../../shared/http/serve.ts';
import { tailOf } from '../../shared/log/append.ts';
import { jetstreamLog } from '../../shared/log/jetstream.ts';
import type { Tenants } from '../../shared/tenancy/tenants.ts';
import { tokensOf } from '../../shared/tenancy/tokens.ts';
import { partialsIn } from '../../shared/speech/partials.ts';
import { transcriber, type Setting } from '../../shared/speech/file/transcriber.ts';
import type { Watching } from '../../shared/telemetry/start.ts';
import { gateway } from './app.ts';
import { knowledgeOn } from './knowledge.ts';
import type { GatewayOptions } from './options.ts';
import { recordingsIn } from './recordings.ts';

/** What a running gateway is made of. */
export interface StartOptions extends Pick<GatewayOptions, 'openDemo' | 'sessionKey' | 'limits' | 'page'> {
  readonly nc: NatsConnection;
  readonly tenants: Tenants;
  /** By name. */
  readonly bots: ReadonlyMap<string, Bot>;
  readonly watching: Watching;
  readonly keys?: Keyring;
  /** The archive: needed once the rules of the fold have changed since a session left. */
  readonly objects?: ObjectStore;
  readonly host: string;
  readonly port: number;
  /** Recognisers that listen to recordings; absent: none do. */
  readonly speech?: Setting;
  /** Takes the WebSockets of calls, where they come to the same server. */
  readonly upgrade?: ServeOptions['upgrade'];
}

export interface RunningGateway {
  readonly url: string;
  /** Sends streams elsewhere and finishes requests. */
  stop(): Promise<void>;
}

/** Serves the API. */
export async function startGateway(options: StartOptions): Promise<RunningGateway> {
  const { nc, tenants, bots, keys, objects, watching, host } = options;
  for (const { id, bot } of tenants.values()) {
    if (bots.has(bot)) continue;
    throw new PlatformError('tenants.invalid', `tenant ${id} wants the bot ${bot}, which is not there`, {
      retry: 'never',
    });
  }
  const now = () => new Date();
  const tokens = await tokensOf(tenants, { secret: (variable) => process.env[variable], now });
  const log = jetstreamLog(nc, keys ? { cipher: keys } : {});
  const hears = options.speech && transcriber(options.speech);
  const { app, close } = gateway({
    log,
    tail: tailOf(log),
    tenants,
    tokens,
    botOf: (tenant) => bots.get(tenants.get(tenant)?.bot ?? ''),
    now,
    openDemo: options.openDemo,
    sessionKey: options.sessionKey,
    watch: {
      ...watching.gatewayWatch,
      failed: (route, error) => {
        watching.logger.error('a request failed', { route }, error);
      },
    },
    ...(hears && { transcriber: hears }),
    ...(options.limits && { limits: options.limits }),
    ...(options.page && { page: options.page }),
    knowledge: knowledgeOn(nc),
    desk: deskBook(nc),
    partials: partialsIn(nc),
    archivedOf: returning({ nc, ...(keys && { cipher: keys }), ...(objects && { objects }) }),
    ...(objects && { recordings: recordingsIn(nc, { objects, cipher: keys }) }),
    ...(keys && { isErased: (ref) => keys.isErased(ref) }),
  });
  const { port, upgrade } = options;
  const server = await serve(app, { hostname: host, port, ...(upgrade && { upgrade }) });
  return {
    url: server.url,
    async stop() {
      await close();
      await server.close();
      hears?.close();
    },
  };
}
