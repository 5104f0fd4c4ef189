import type { Bot } from '../../shared/bot/bot.ts';
import { calibrate, marginOf } from './calibration.ts';
import type { IntentClassifier, Ranked } from './classifier.ts';
import { featuresOf, plainText, wordsOf } from './features.ts';
import { trainLinear } from './linear.ts';
import { vocabularyOf } from './vocabulary.ts';

const MOST = 5;

/**
 * A classifier that has nothing but the bot's own examples: it learns which words go with which intent, and from a
 * rehearsal how sure it may be. It knows no synonyms and no world; what it offers is speed, and that the same bot always
 * answers alike. All languages are one model, since customers mix them.
 */
export function lexicalClassifier(bot: Bot): IntentClassifier {
  const names = bot.intents.map(({ name }) => name);
  const examples = bot.intents.flatMap((intent, label) =>
    intent.examples.map(({ text }) => ({ label, plain: plainText(text) })),
  );
  const texts = examples.map(({ plain }) => featuresOf(plain));
  const vocabulary = vocabularyOf(texts);
  const rows = examples.map(({ label }, i) => ({ label, text: vocabulary.count(texts[i] ?? new Map()) }));
  const model = trainLinear(rows, vocabulary.size, names.length);
  const confidence = calibrate(rows, vocabulary.size, names.length);
  const said = new Map(examples.map(({ label, plain }) => [wordsOf(plain), label]));

  const classify = (text: string): readonly Ranked[] => {
    const plain = plainText(text);
    const vector = model.vectorOf(vocabulary.count(featuresOf(plain)));
    // Nothing that is a word, or no word that was ever heard: any order of intents would be made up.
    if (vector.ids.length === 0) return [];
    const scores = model.scores(vector);
    // What the author wrote down means what the author says, however short it is.
    const certain = said.get(wordsOf(plain));
    return names
      .map((intent, k) => ({
        intent,
        confidence: k === certain ? 1 : confidence({ margin: marginOf(scores, k), coverage: vector.coverage }),
      }))
      .sort((a, b) => b.confidence - a.confidence)
      .slice(0, MOST);
  };
  return { model: `lexical@${bot.hash.slice(0, 12)}`, classify };
}
