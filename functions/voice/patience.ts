import type { BotVoice } from '../../shared/bot/bot.ts';
import { PATIENCE, type Patience } from '../../shared/speech/chunk.ts';

/** When a caller has finished, who is asked for a slot or for nothing: the question's own words first, then the bot's. */
export function patienceFor(voice: BotVoice | undefined, slot: string | undefined): Patience {
  const asked = slot === undefined ? undefined : voice?.questions?.[slot];
  return {
    afterWordsMs: asked?.afterWordsMs ?? voice?.afterWordsMs ?? PATIENCE.afterWordsMs,
    withoutWordsMs: asked?.withoutWordsMs ?? voice?.withoutWordsMs ?? PATIENCE.withoutWordsMs,
    longestMs: asked?.longestMs ?? voice?.longestMs ?? PATIENCE.longestMs,
  };
}
