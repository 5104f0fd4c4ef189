import type { Bot } from '../../shared/bot/bot.ts';
import { once } from '../../shared/function/once.ts';
import type { Understanding } from './handler.ts';
import { trainedClassifier } from './trained.ts';

/** The classifiers of bots, each made when it is first needed. */
export const intentPorts = (botOf: (hash: string) => Promise<Bot>): Understanding => ({
  intentsOf: once(async (hash) => {
    const bot = await botOf(hash);
    const intents = new Set(bot.intents.map(({ name }) => name));
    return { classifier: trainedClassifier(bot), threshold: bot.settings.threshold, intents };
  }),
});
