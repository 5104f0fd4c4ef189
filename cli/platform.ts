import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { durablesOf, groupsOf } from '../functions/index.ts';
import { SHADOWED } from '../functions/intent/shadow.ts';
import { operatorRole, shadowRole } from '../shared/access/roles.ts';
import { folderStore } from '../shared/archive/folder.ts';
import type { Bot } from '../shared/bot/bot.ts';
import { loadBots } from '../shared/bot/load.ts';
import { startExamples } from '../shared/examples/start.ts';
import { publishBot } from '../shared/bot/store.ts';
import { newVersions, watchBots } from '../shared/bot/watch.ts';
import { PlatformError } from '../shared/errors/index.ts';
import { provision } from '../shared/log/provision.ts';
import { provisionTicks } from '../shared/log/timers.ts';
import { AUDIO } from '../shared/log/streams.ts';
import { LISTENERS, provisionSpeech } from '../shared/speech/provision.ts';
import { durableOf } from '../shared/runtime/pull.ts';
import { telemetryConfig } from '../shared/telemetry/config.ts';
import { startTelemetry } from '../shared/telemetry/start.ts';
import { platformFileIn, type PlatformFile } from './config.ts';
import { startAnswering } from './platform/answering.ts';
import { startArchiving } from './platform/archiving.ts';
import { startCalls } from './platform/calls.ts';
import { startCell, type Later } from './platform/cell.ts';
import { languageModelIn } from './platform/language-model.ts';
import type { PlatformOptions } from './platform/options.ts';
import { startTraining } from './platform/training.ts';
import { startServing } from './platform/serving.ts';
import { BOT, tenantsWith } from './platform/tenants.ts';
import { startWebhooks, webhooksIn } from './platform/webhooks.ts';

const BOTS = fileURLToPath(new URL('../bots', import.meta.url));

/** A whole platform in one process, with its nats-server beside it. */
export interface Platform {
  readonly url: string;
  readonly opsUrl: string;
  readonly natsUrl: string;
  /** Where the shop and the bank are that answer actions. */
  readonly examplesUrl?: string;
  /** API keys of the tenants. */
  readonly apiKeys: Readonly<Record<string, string>>;
  /** Stops everything, in an order in which nothing is lost. */
  stop(): Promise<void>;
}

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

async function start(options: PlatformOptions, later: Later): Promise<Omit<Platform, 'stop'>> {
  const { dir, hosting } = options;
  const groups = groupsOf(hosting);
  const folder = options.bots ?? BOTS;
  const bots = new Map(await loadBots(folder));
  const bot = chosenBot(bots, options.bot);
  const cell = await startCell(options, groups, later);
  const { nc } = await cell.connectAs(operatorRole);
  await provision(nc, { replicas: 1, durables: durablesOf(groups) });
  await provisionTicks(nc);
  await provisionSpeech(nc);
  for (const bot of bots.values()) await publishBot(nc, bot);

  const watching = await startTelemetry(telemetryConfig('turnstream', options.telemetry));
  later(() => watching.stop());
  watching.watchConsumers(nc, [...groups.map(durableOf), { stream: AUDIO, durable: LISTENERS }]);
  // The bot that is talked to comes first: whoever speaks before it has a model waits.
  const trained = [...bots.values()].toSorted((a, b) => Number(b.name === bot) - Number(a.name === bot));
  startTraining(nc, trained, watching, later);
  const told = newVersions(watching.logger);
  const fresh = watchBots({
    dir: folder,
    bots,
    publish: (it) => publishBot(nc, it),
    ...told,
    onNew(it) {
      told.onNew(it);
      startTraining(nc, [it], watching, later);
    },
  });
  later(() => fresh.stop());
  const examples = options.withExampleServices ? await startExamples({ port: 0 }) : undefined;
  if (examples) later(() => examples.stop());
  const tenants = tenantsWith(cell.secrets.apiKeys, {
    examples: examples?.url,
    bot,
    languageModel: languageModelIn(options.env),
    keepAudioDays: options.keepAudioDays,
    webhooks: webhooksIn(options.env),
  });
  await startAnswering(cell, { groups, tenants, watching }, later);
  await startWebhooks(cell, nc, { tenants, watching, env: options.env }, later);
  const objects = folderStore(join(dir, 'archive'));
  await startArchiving(cell, { objects, tenants, watching }, later);
  const upgrade = await startCalls(cell, { objects, bots, tenants, watching }, options.env, later);
  const { url, opsUrl } = await startServing(cell, { objects, bots, tenants, watching, upgrade }, options, later);

  const { natsUrl, secrets, tenantKeys } = cell;
  const shadow = shadowRole(SHADOWED);
  const file: PlatformFile = {
    natsUrl,
    url,
    user: operatorRole.user,
    password: secrets.passwords[operatorRole.user] ?? '',
    tenantKeys,
    archive: join(dir, 'archive'),
    shadow: { user: shadow.user, password: secrets.passwords[shadow.user] ?? '' },
  };
  await writeFile(platformFileIn(dir), `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
  later(() => rm(platformFileIn(dir), { force: true }));
  return { url, opsUrl, natsUrl, apiKeys: secrets.apiKeys, ...(examples && { examplesUrl: examples.url }) };
}

/** Fails with `bot.missing` for a name that no bot of the folder has. */
function chosenBot(bots: ReadonlyMap<string, Bot>, wanted: string | undefined): string {
  const [only] = bots.keys();
  const name = wanted ?? (bots.size === 1 ? only : undefined) ?? BOT;
  if (bots.has(name)) return name;
  const message = `no bot is called ${name}: there are ${[...bots.keys()].join(', ')}`;
  throw new PlatformError('bot.missing', message, { retry: 'never' });
}
