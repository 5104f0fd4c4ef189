import type { NatsConnection } from '@nats-io/nats-core';
import type { Bot } from '../../shared/bot/bot.ts';
import { once } from '../../shared/function/once.ts';
import { withinPatience } from '../../shared/models/patience.ts';
import { unwatchedModels, type ModelWatch } from '../../shared/models/watch.ts';
import { entityExtractor } from '../../shared/nlu/entities/extractor.ts';
import type { EntityExtractor } from './extractor.ts';
import type { Extraction } from './handler.ts';

/** Where taggers are stored, and who is told of them. Without a store, they are trained here. */
export interface Taggers {
  readonly nc?: NatsConnection;
  readonly watch?: ModelWatch | undefined;
  /** Waits for a tagger as long as it takes: for whoever has no other work. */
  readonly waits?: true;
}

/**
 * The extractors of bots, each made when it is first needed. One that needs a tagger fails with `model.not-ready` (retry
 * later) until that is there.
 */
export function entityPorts(botOf: (hash: string) => Promise<Bot>, { nc, watch, waits }: Taggers = {}): Extraction {
  const ready = new Map<string, EntityExtractor>();
  const made = once(async (hash) => {
    const bot = await botOf(hash);
    const extractor = await entityExtractor(bot, await taggerOf(bot));
    ready.set(hash, extractor);
    return extractor;
  });
  const taggerOf = async (bot: Bot) => {
    if (!bot.entities.some(({ learned }) => learned)) return undefined;
    // Only for bots that have learned something: the others are not to wait for its code.
    const { learnedTagger } = await import('./learned.ts');
    return learnedTagger(bot, watch ?? unwatchedModels, nc);
  };
  return { entitiesOf: async (hash) => ready.get(hash) ?? (waits ? made(hash) : withinPatience(made(hash))) };
}
