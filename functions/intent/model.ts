import type { NatsConnection } from '@nats-io/nats-core';
import type { Bot } from '../../shared/bot/bot.ts';
import { once } from '../../shared/function/once.ts';
import { unwatchedModels, type ModelWatch } from '../../shared/models/watch.ts';
import type { Understanding } from './handler.ts';
import { servedModels } from './served.ts';

/** Bots' classifiers: those that were promoted. */
export function intentPorts(
  nc: NatsConnection,
  botOf: (hash: string) => Promise<Bot>,
  watch: ModelWatch = unwatchedModels,
): Understanding {
  const serving = servedModels(nc, watch);
  const known = once(async (hash) => {
    const bot = await botOf(hash);
    return { bot, intents: new Set(bot.intents.map(({ name }) => name)) };
  });
  return {
    async intentsOf(hash, asking) {
      const { bot, intents } = await known(hash);
      return { classifier: await serving(bot, asking), threshold: bot.settings.threshold, intents };
    },
  };
}
