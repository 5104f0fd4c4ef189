import { hash } from 'node:crypto';
import type { Bot } from '../../shared/bot/bot.ts';
import { PlatformError } from '../../shared/errors/index.ts';
import { decodeModel } from '../../shared/nlu/model/decode.ts';
import { intentReader } from '../../shared/nlu/model/intent-model.ts';
import { plainText, wordsOf } from '../../shared/nlu/text/plain.ts';
import { examplesOf } from '../../shared/models/publish.ts';
import type { IntentClassifier } from './classifier.ts';

const MOST = 5;
/** Enough to tell models apart, and short enough to be read. */
const NAMED_BY = 12;

/** How events and logs name a model, by the hash of its artefact. */
export const modelName = (artefact: string): string => `intents@${artefact.slice(0, NAMED_BY)}`;

/**
 * The bytes of a model as a bot's classifier, which always answers alike. `onUnderstood` is told who answered: the
 * linear model alone, or the net too. Fails with `model.invalid` for bytes that are no model, or `model.unfit` for one that knows other
 * intents than the bot has: what it is sure of would mean nothing, or something would never be understood.
 */
export function trainedClassifier(
  bot: Bot,
  bytes: Uint8Array,
  onUnderstood: (by: 'linear' | 'net') => void = () => undefined,
): IntentClassifier {
  const model = decodeModel(bytes);
  const examples = examplesOf(bot);
  const wanted = new Set(examples.map(({ intent }) => intent));
  const unknown = model.intents.filter((intent) => !wanted.has(intent)).length;
  const missing = [...wanted].filter((intent) => !model.intents.includes(intent)).length;
  if (unknown + missing > 0) {
    const message = `a model does not fit its bot: it lacks ${missing} of the bot's intents and has ${unknown} others`;
    throw new PlatformError('model.unfit', message, { retry: 'never' });
  }
  const understand = intentReader(model);
  const said = new Map(examples.map(({ text, intent }) => [wordsOf(plainText(text)), intent]));
  return {
    model: modelName(hash('sha256', bytes)),
    classify: (text) => {
      const { ranked, by } = understand(text);
      onUnderstood(by);
      if (ranked.length === 0) return ranked;
      // What the author wrote down means what the author says, however short it is.
      const certain = said.get(wordsOf(plainText(text)));
      if (certain === undefined) return ranked;
      return [{ intent: certain, confidence: 1 }, ...ranked.filter(({ intent }) => intent !== certain)].slice(0, MOST);
    },
  };
}
