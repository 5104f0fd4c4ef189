import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { withAddress } from '../functions/deliver/endpoints.ts';
import { provisionDeliveries } from '../functions/deliver/provision.ts';
import { durablesOf, groupsOf, type Hosting } from '../functions/index.ts';
import { tenantsIn } from '../functions/tenants-file.ts';
import { loadBots } from '../shared/bot/load.ts';
import { publishBot } from '../shared/bot/store.ts';
import { publishModel, type PublishedModel } from '../shared/models/publish.ts';
import { provision } from '../shared/log/provision.ts';
import { STREAMS } from '../shared/log/streams.ts';
import { provisionTicks } from '../shared/log/timers.ts';
import { provisionSpeech } from '../shared/speech/provision.ts';
import { withLog } from './connection.ts';
import type { GivenPlaces } from './config.ts';
import { columns, paint, print, printJson } from './terminal.ts';

export interface ProvisionOptions extends GivenPlaces {
  readonly replicas: 1 | 3;
  readonly hosting: Hosting;
  /** A folder of bots to publish. */
  readonly bots?: string;
  /** The tenants' file: makes what the delivery of replies to their addresses needs. */
  readonly tenants?: string;
  readonly json?: boolean;
}

const OURS = new Set<string>(STREAMS);

interface Provisioned {
  readonly kind: 'stream' | 'consumer' | 'bot' | 'model';
  readonly name: string;
  readonly was: 'created' | 'there already';
}

/** Makes or updates streams and durable consumers, and says which were new. Doing it again changes nothing. */
export async function provisionCell(options: ProvisionOptions): Promise<void> {
  const bots = options.bots === undefined ? [] : [...(await loadBots(options.bots)).values()];
  const addressed = options.tenants === undefined ? undefined : withAddress(await tenantsIn(options.tenants));
  const done = await withLog(options, async ({ nc }) => {
    const before = await inventory(nc);
    const durables = durablesOf(groupsOf(options.hosting));
    await provision(nc, { replicas: options.replicas, durables });
    await provisionTicks(nc);
    await provisionSpeech(nc);
    if (addressed) await provisionDeliveries(nc, addressed);
    const models: PublishedModel[] = [];
    for (const bot of bots) {
      await publishBot(nc, bot);
      models.push(await publishModel(nc, bot));
    }
    const known = new Set(before.map(({ kind, name }) => `${kind} ${name}`));
    return [
      ...[
        ...(await inventory(nc)),
        ...bots.map(({ name, hash }) => ({ kind: 'bot' as const, name: `${name} ${hash.slice(0, 8)}` })),
      ].map(({ kind, name }): Provisioned => ({
        kind,
        name,
        was: known.has(`${kind} ${name}`) ? 'there already' : 'created',
      })),
      ...models.map(({ model, trained }): Provisioned => ({
        kind: 'model',
        name: model.slice(0, 12),
        was: trained ? 'created' : 'there already',
      })),
    ];
  });
  if (options.json) {
    printJson({ replicas: options.replicas, hosting: options.hosting, provisioned: done });
    return;
  }
  for (const line of columns(
    done.map(({ kind, name, was }) => [
      paint('green', '✓'),
      kind,
      paint('bold', name),
      kind === 'bot' ? 'published' : was === 'created' ? was : paint('dim', was),
    ]),
  )) {
    print(line);
  }
  print(`Ready with ${options.replicas === 1 ? 'one replica' : `${options.replicas} replicas`}, ${options.hosting}.`);
}

/** The streams and consumers that there are. */
async function inventory(nc: NatsConnection): Promise<readonly Omit<Provisioned, 'was'>[]> {
  const jsm = await jetstreamManager(nc);
  const found: Omit<Provisioned, 'was'>[] = [];
  for await (const { config } of jsm.streams.list()) {
    if (!OURS.has(config.name)) continue;
    found.push({ kind: 'stream', name: config.name });
    for await (const { name } of jsm.consumers.list(config.name)) {
      found.push({ kind: 'consumer', name: `${config.name} ${name}` });
    }
  }
  return found;
}
