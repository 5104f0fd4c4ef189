import type { NatsConnection } from '@nats-io/nats-core';
import type { Bot } from '../../shared/bot/bot.ts';
import { publishModel } from '../../shared/models/publish.ts';
import type { Watching } from '../../shared/telemetry/start.ts';
import type { Later } from './cell.ts';

/**
 * Gives each bot its model, one after the other, while the platform starts: what asks meanwhile shares the training. A
 * bot that is known already costs one read.
 */
export function startTraining(nc: NatsConnection, bots: readonly Bot[], { logger }: Watching, later: Later): void {
  const stopping = new AbortController();
  const training = (async () => {
    for (const bot of bots) {
      if (stopping.signal.aborted) return;
      const started = performance.now();
      const { model, trained } = await publishModel(nc, bot, stopping.signal);
      if (!trained) continue;
      const ms = Math.round(performance.now() - started);
      logger.info('a bot was given its model', { bot: bot.name, model: model.slice(0, 12), ms });
    }
  })().catch((error: unknown) => {
    if (!stopping.signal.aborted) logger.error('a bot has no model, its functions train one', {}, error);
  });
  later(async () => {
    stopping.abort();
    await training;
  });
}
