import type { EventId, SessionId, TenantId } from '../events/envelope.ts';
import type { Bot } from '../shared/bot/bot.ts';
import type { EntityExtractor } from './entity/extractor.ts';
import type { Extraction } from './entity/handler.ts';
import { patternExtractor } from './entity/patterns.ts';
import type { Understanding } from './intent/handler.ts';
import { lexicalClassifier } from './intent/lexical.ts';
import type { Replying } from './reply/handler.ts';

/** What the ports are made of. */
export interface Surroundings {
  readonly botOf: (hash: string) => Promise<Bot>;
  readonly setTimer: (
    decision: { readonly id: EventId; readonly tenant: TenantId; readonly session: SessionId },
    at: Date,
  ) => Promise<void>;
  readonly now: () => Date;
}

/** The ports of all functions. Models are made from a bot when it is first needed, once for each process. */
export function portsOf({ botOf, setTimer, now }: Surroundings): Understanding & Extraction & Replying {
  return {
    botOf,
    intentsOf: once(async (hash) => {
      const bot = await botOf(hash);
      return { classifier: lexicalClassifier(bot), threshold: bot.settings.threshold };
    }),
    entitiesOf: once(async (hash): Promise<EntityExtractor> => patternExtractor(await botOf(hash))),
    setTimer: (decision, afterMs) => setTimer(decision, new Date(now().getTime() + afterMs)),
  };
}

/** Makes a thing once for each key; what failed is made again by the next one who asks. */
function once<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (key) => {
    const known = made.get(key);
    if (known) return known;
    const making = make(key);
    made.set(key, making);
    making.catch(() => made.delete(key));
    return making;
  };
}
