import { sessionOpened, sessionResumed } from '../../events/session.ts';
import { intentClassified, intentNotRecognised, utteranceReceived } from '../../events/understanding.ts';
import { defineReaction, type Context } from '../../shared/function/define.ts';
import type { IntentClassifier } from './classifier.ts';

/** What this function asks of the outside world: how a bot understands. */
export interface Understanding {
  readonly intentsOf: (bot: string, asking: Asking) => Promise<BotUnderstanding>;
}

/** Whose sessions ask, and which: models are promoted for a tenant, and tried out on a share of the sessions. */
export interface Asking {
  readonly tenant: string;
  readonly session: string;
}

export interface BotUnderstanding {
  readonly classifier: IntentClassifier;
  /** How sure the classifier has to be, 0 to 1. */
  readonly threshold: number;
  /** The intents that the bot has. */
  readonly intents: ReadonlySet<string>;
}

const PAYLOAD_MODEL = 'payload';
const OTHERS = 3;

/** Says what the customer wants, or that it does not know. */
export const intent = defineReaction({
  name: 'intent',
  // A session that opens is a customer about to speak: the bot's classifier is made ready meanwhile.
  on: [utteranceReceived, sessionOpened, sessionResumed],
  emits: [intentClassified, intentNotRecognised],
  limits: { timeoutMs: 1_000, attempts: 3 },
  failure: 'step-failed',

  async handle({ type, data, tenant, session }, { ports }: Context<Understanding>) {
    const understanding = ports.intentsOf(data.bot.hash, { tenant, session });
    if (type !== 'utterance.received') {
      // Nobody waits for this one; if it fails, the first utterance asks again.
      understanding.catch(() => undefined);
      return [];
    }
    const { classifier, threshold, intents } = await understanding;
    // A pressed button says what it means: `/refund_status` or `/refund_status{"order_number":"TS1"}`.
    const pressed = data.payload && /^\/([\p{L}\p{N}_-]{1,64}(?:\/[\p{L}\p{N}_-]{1,64})?)/u.exec(data.payload)?.[1];
    if (pressed && intents.has(pressed)) {
      return [intentClassified({ intent: pressed, confidence: 1, model: PAYLOAD_MODEL, others: [] })];
    }
    const ranked = await classifier.classify(data.text, data.locale);
    const [best, ...others] = ranked.slice(0, 1 + OTHERS).map((r) => ({ intent: r.intent, confidence: r.confidence }));
    if (!best || best.confidence < threshold) {
      return [intentNotRecognised({ best: best ? [best, ...others] : [], model: classifier.model })];
    }
    return [intentClassified({ ...best, model: classifier.model, others })];
  },
});
