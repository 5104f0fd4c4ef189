import type { Bot } from '../../shared/bot/bot.ts';
import { once } from '../../shared/function/once.ts';
import { entityExtractor } from '../../shared/nlu/entities/extractor.ts';
import type { Extraction } from './handler.ts';

/** The extractors of bots, each made when it is first needed. */
export const entityPorts = (botOf: (hash: string) => Promise<Bot>): Extraction => ({
  entitiesOf: once(async (hash) => entityExtractor(await botOf(hash))),
});
