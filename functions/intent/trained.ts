import type { Bot } from '../../shared/bot/bot.ts';
import { intentReader, trainIntentModel } from '../../shared/nlu/model/intent-model.ts';
import { plainText, wordsOf } from '../../shared/nlu/text/plain.ts';
import type { IntentClassifier } from './classifier.ts';

/** Any: the same bot has to come out the same in every process. */
const SEED = 1;

/**
 * A classifier that is trained on the bot's own examples when the bot is first met: seconds for a hundred intents, a
 * few tenths of one for the demo bot. It knows no synonyms and no world; what it offers is speed, and that the same bot
 * always answers alike. All languages are one model, since customers mix them.
 */
export function trainedClassifier(bot: Bot): IntentClassifier {
  const examples = bot.intents.flatMap(({ name, examples: of }) => of.map(({ text }) => ({ text, intent: name })));
  const understand = intentReader(trainIntentModel(examples, { seed: SEED }));
  const said = new Map(examples.map(({ text, intent }) => [wordsOf(plainText(text)), intent]));
  return {
    model: `linear@${bot.hash.slice(0, 12)}`,
    classify: (text) => {
      const { ranked } = understand(text);
      if (ranked.length === 0) return ranked;
      // What the author wrote down means what the author says, however short it is.
      const certain = said.get(wordsOf(plainText(text)));
      if (certain === undefined) return ranked;
      return [{ intent: certain, confidence: 1 }, ...ranked.filter(({ intent }) => intent !== certain)].slice(0, MOST);
    },
  };
}

const MOST = 5;
