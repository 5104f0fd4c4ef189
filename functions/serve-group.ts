import { setTimeout as delay } from 'node:timers/promises';
import type { TenantId } from '../events/envelope.ts';
import { sessionOpened } from '../events/session.ts';
import { serve } from '../shared/http/serve.ts';
import type { SessionRef, Stored } from '../shared/log/log.ts';
import type { Group } from '../shared/runtime/chain.ts';
import type { Host } from '../shared/runtime/host.ts';
import { httpHost } from '../shared/runtime/http.ts';
import { readEvent } from '../shared/runtime/read-event.ts';
import { hostOn, type Hosted } from './host.ts';
import type { Working } from './run-process.ts';

export interface Served extends Omit<Hosted, 'groups'> {
  readonly group: Group;
  readonly hostname: string;
  /** 0: any free one. */
  readonly port: number;
  /** How long it goes on serving once it was asked to stop. */
  readonly lingerMs: number;
  readonly isConnected: () => boolean;
}

/** Serves a group of functions over HTTP. The address stands in the ready line. */
export async function serveGroup(options: Served): Promise<Working> {
  const { group, hostname, port, lingerMs, concurrency, cipher, isConnected } = options;
  const host = hostOn(options);
  const stopping = new AbortController();
  const app = httpHost(group, host, {
    concurrency,
    stopping: stopping.signal,
    isReady: isConnected,
    prepare: (opened) => prepare(opened, host),
    ...(cipher && { cipher }),
  });
  const server = await serve(app, { hostname, port });
  return {
    ready: { url: server.url },
    async stop() {
      stopping.abort();
      // Whoever sends has to notice first that this process is not ready any more.
      await delay(lingerMs);
      await server.close();
    },
  };
}

/** What functions make for a bot or a tenant when they first need it. */
interface MadeForBots {
  readonly intentsOf?: (hash: string, asking: SessionRef) => Promise<unknown>;
  readonly entitiesOf?: (hash: string) => Promise<unknown>;
  readonly openKnowledge?: (tenant: TenantId) => Promise<unknown>;
}

/** Loads what the first turns of a session need: its bot, what understands for it, and what the tenant's articles say. */
async function prepare(opened: Stored, { bots, ports }: Host): Promise<void> {
  const event = readEvent(opened);
  if (event.type !== sessionOpened.type) return;
  const { hash } = event.data.bot;
  const { intentsOf, entitiesOf, openKnowledge }: MadeForBots = ports;
  await Promise.all([bots(hash), intentsOf?.(hash, opened.envelope), entitiesOf?.(hash)]);
  // Last, since not every turn asks it.
  await openKnowledge?.(opened.envelope.tenant);
}
