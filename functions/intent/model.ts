import type { Bot } from '../../shared/bot/bot.ts';
import { once } from '../../shared/function/once.ts';
import type { Understanding } from './handler.ts';
import { lexicalClassifier } from './lexical.ts';

/** The classifiers of bots, each made when it is first needed. */
export const intentPorts = (botOf: (hash: string) => Promise<Bot>): Understanding => ({
  intentsOf: once(async (hash) => {
    const bot = await botOf(hash);
    const intents = new Set(bot.intents.map(({ name }) => name));
    return { classifier: lexicalClassifier(bot), threshold: bot.settings.threshold, intents };
  }),
});
