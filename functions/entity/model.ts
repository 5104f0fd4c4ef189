import type { Bot } from '../../shared/bot/bot.ts';
import { once } from '../../shared/function/once.ts';
import type { Extraction } from './handler.ts';
import { patternExtractor } from './patterns.ts';

/** The extractors of bots, each made when it is first needed. */
export const entityPorts = (botOf: (hash: string) => Promise<Bot>): Extraction => ({
  entitiesOf: once(async (hash) => patternExtractor(await botOf(hash))),
});
